"""What an edge node says, and a host that listens to it without network or disk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from shazhou.telemetry.host.before import Before
from shazhou.telemetry.host.host import Host, Settings
from shazhou.telemetry.host.samples import Columns
from shazhou.telemetry.names import AGENT, CHALLENGE, CHALLENGED, CONFIRMED, MODE, ORIGIN, PREVIOUS, READ, SEQUENCE
from shazhou.telemetry.sparkplug.datatype import DataType
from shazhou.telemetry.sparkplug.descriptor import Payload
from shazhou.telemetry.sparkplug.payload import Sample, add, payload

START = 1_795_000_000_000
GROUP = "city"


class Register(dict[str, Any]):
    """The register of a test: nodes with key and mark."""

    @dataclass(frozen=True)
    class Entry:
        key: str = ""
        origin: str = ""


@dataclass
class Listening:
    """A host, its time, and what it said and kept."""

    register: Mapping[str, Any] = field(default_factory=dict)
    marks: Mapping[tuple[str, str], int] = field(default_factory=dict)
    before: Before = field(default_factory=Before)
    challenges: int = 0
    reorder: int = 2_000

    def __post_init__(self) -> None:
        self.now = START
        self.series: dict[tuple[Any, ...], int] = {}
        settings = Settings("host", GROUP, self.reorder, self.challenges)
        self.host = Host(settings, self._catalogue, self.marks, self.register, self.before)

    def _catalogue(self, *key: Any) -> int:
        return self.series.setdefault(key, len(self.series) + 1)

    def hear(self, topic: str, content: Any, broker: int = 0) -> None:
        """A message on ``type/node[/device]`` of the group."""
        kind, _, rest = topic.partition("/")
        raw = content if isinstance(content, bytes) else content.SerializeToString()
        self.host.received(broker, f"spBv1.0/{GROUP}/{kind}/{rest}", raw, self.now)

    def later(self, milliseconds: int) -> None:
        self.now += milliseconds
        self.host.tick(self.now)

    def written(self) -> None:
        """Everything is on disk."""
        self.host.marks.written(self.host.marks.moved())

    def events(self, *kinds: str) -> list[dict[str, Any]]:
        """Events of these kinds so far, their detail read."""
        found = [each for each in self.host.outbox.events if each["kind"] in kinds]
        return [{**each, **json.loads(each["detail"])} for each in found]

    def commands(self) -> list[tuple[str, dict[str, Any]]]:
        """Commands since this was asked last: topic after the group, and payload by name or alias."""
        messages, self.host.outbox.messages = self.host.outbox.messages, []
        return [(each.topic.partition(f"{GROUP}/")[2], _read(each.payload)) for each in messages]

    def asked(self, node: str = "n") -> bool:
        """Whether a rebirth of the node was asked for since commands were looked at last."""
        return any(
            topic == f"NCMD/{node}" and said.get("Node Control/Rebirth") is True for topic, said in self.commands()
        )

    def samples(self) -> list[dict[str, Any]]:
        """The samples since this was asked last, with the names of their series."""
        names = {id: key for key, id in self.series.items()}
        rows = []
        for columns in self.host.data.drain():
            for row in columns.batch().to_pylist():
                value = next((row[each] for each in ("integer", "real", "text") if row[each] is not None), None)
                series = ("node", "device", "metric", "datatype", "unit", "origin")
                rows.append({**row, **dict(zip(series, names[row["series"]], strict=True)), "value": value})
        return rows

    def values(self) -> list[Any]:
        return [row["value"] for row in self.samples()]

    def holds(self, device: str, metric: str, node: str = "n") -> bool:
        """Whether the current value of a metric is known."""
        self.host.data.settle()
        id = next(id for key, id in self.series.items() if key[:3] == (node, device, metric))
        return self.host.current.holds(id)


def _read(raw: bytes) -> dict[str, Any]:
    made: Any = Payload.FromString(raw)
    said: dict[str, Any] = {"seq": made.seq if made.HasField("seq") else None, "timestamp": made.timestamp}
    for metric in made.metrics:
        said[metric.name or metric.alias] = getattr(metric, metric.WhichOneof("value"))
    return said


@dataclass
class Node:
    """An edge node: by default one of others, with ``agent`` one of ours."""

    listening: Listening
    name: str = "n"
    agent: str = ""
    mode: str = "full"
    bdseq: int = 0
    broker: int = 0
    confirmed: int = 0
    seq: int = 0
    aliased: bool = True
    ahead: int = 0
    """Milliseconds by which its clock is ahead of the host's; less than 0 where its messages are late."""

    def birth(self, *samples: Sample, bdseq: bool = True, **told: str) -> None:
        now = self.listening.now + self.ahead
        made = payload(now, 0)
        self.seq = 1
        if bdseq:
            add(made, Sample("bdSeq", DataType.INT64, self.bdseq, now), birth=True)
        add(made, Sample("Node Control/Rebirth", DataType.BOOLEAN, False, now), birth=True)
        if self.agent:
            said = {AGENT: self.agent, MODE: self.mode, ORIGIN: "", CHALLENGED: "", READ: "", CHALLENGE: "", **told}
            for place, (name, value) in enumerate(said.items()):
                add(made, Sample(name, DataType.STRING, value, now, 900 + place), birth=True)
            add(made, Sample(CONFIRMED, DataType.UINT64, self.confirmed, now, 910), birth=True)
            for place, name in enumerate((SEQUENCE, PREVIOUS)):
                add(made, Sample(name, DataType.UINT64, None, now, 920 + place), birth=True)
        for sample in samples:
            add(made, sample, birth=True)
        self.hear("NBIRTH", made)

    def device(self, device: str, *samples: Sample) -> None:
        made = self._next()
        for sample in samples:
            add(made, sample, birth=True)
        if self.agent:
            for place, name in enumerate((SEQUENCE, PREVIOUS)):
                add(made, Sample(name, DataType.UINT64, None, self.listening.now, _alias(device, place)), birth=True)
        self.hear("DBIRTH", made, device)

    def data(self, *samples: Sample, device: str = "", record: tuple[int, int] | None = None) -> None:
        self.say(self.made(*samples, device=device, record=record), device)

    def made(self, *samples: Sample, device: str = "", record: tuple[int, int] | None = None) -> Any:
        """The next DATA message, not yet said."""
        made = self._next()
        for sample in samples:
            add(made, sample)
        for place, number in enumerate(record or ()):
            alias = _alias(device, place) if device else 920 + place
            add(made, Sample("", DataType.UINT64, number, self.listening.now, alias))
        return made

    def say(self, made: Any, device: str = "") -> None:
        self.hear("DDATA" if device else "NDATA", made, device)

    def bury(self, device: str, at: int) -> None:
        made = self._next()
        made.timestamp = at
        self.hear("DDEATH", made, device)

    def death(self, bdseq: int | None = None) -> None:
        made = payload(self.listening.now)
        add(
            made,
            Sample("bdSeq", DataType.INT64, self.bdseq if bdseq is None else bdseq, self.listening.now),
            birth=True,
        )
        self.hear("NDEATH", made)

    def hear(self, kind: str, made: Any, device: str = "") -> None:
        place = f"{kind}/{self.name}/{device}" if device else f"{kind}/{self.name}"
        self.listening.hear(place, made, self.broker)

    def _next(self) -> Any:
        made = payload(self.listening.now + self.ahead, self.seq)
        self.seq = (self.seq + 1) % 256
        return made


def _alias(device: str, place: int) -> int:
    return 10_000 + 10 * (crc32(device.encode()) % 100_000) + place


def real(value: float | None, alias: int = 1, at: int = START, **more: Any) -> Sample:
    """A sample of the metric ``heat``."""
    return Sample("heat", DataType.DOUBLE, value, at, alias, **more)


def speaking(**options: Any) -> tuple[Listening, Node]:
    """A host that a node of others speaks to: born, with a device ``press`` that has ``heat``."""
    listening = Listening(**options)
    node = Node(listening)
    node.birth()
    node.device("press", real(None))
    return listening, node


__all__ = ["GROUP", "START", "Columns", "Listening", "Node", "Register", "real", "speaking"]
