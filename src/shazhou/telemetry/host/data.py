"""Taking NDATA and DDATA: samples, minutes, pulses and answers; records of our own agent each exactly once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from shazhou.telemetry.host import decode, minutes
from shazhou.telemetry.host.births import NOT_KEPT, PULSE, Birth, Malformed, Metric
from shazhou.telemetry.host.challenge import Challenges
from shazhou.telemetry.host.current import Current
from shazhou.telemetry.host.limits import LATEST
from shazhou.telemetry.host.node import Device, Node, Waiting
from shazhou.telemetry.host.outbox import Outbox
from shazhou.telemetry.host.records import Marks, Verdict
from shazhou.telemetry.host.rollup import Rollups
from shazhou.telemetry.host.samples import Columns, Planned, Row, looked_at, planned
from shazhou.telemetry.host.values import Kept, kept, quality
from shazhou.telemetry.minute import PREFIX
from shazhou.telemetry.names import ANSWER, PREVIOUS, SEQUENCE
from shazhou.telemetry.sparkplug.payload import GOOD

CLOCK_EVERY, CLOCK_SELDOM, CLOCK_OFF = 60_000, 3_600_000, 5_000
"""Milliseconds between two words about a node's clock: where it is off by more than the third, else."""


class Said(NamedTuple):
    """What a metric said that is no sample."""

    value: Kept
    at: int
    historical: bool


class Data:
    """What came in DATA and is not yet in the store."""

    def __init__(
        self,
        outbox: Outbox,
        current: Current,
        marks: Marks,
        keys: minutes.Keys,
        challenges: Challenges,
        rollups: Rollups,
    ) -> None:
        self._outbox, self._current, self._marks, self._rollups = outbox, current, marks, rollups
        self.keys, self._challenges = keys, challenges
        self._messages: list[Planned] = []
        self._rows: list[Row] = []
        self._settled: list[Columns] = []
        self.repeated = 0
        """Records that came again since the host was started."""

    def take(self, node: Node, part: Device, message: Waiting) -> str:
        """Takes a message whose turn it is; the reason why the node has to be born again, empty for none.

        Raises:
            Malformed: nothing of it was taken.
        """
        found = decode.planned(message.decoded, part.birth, message.received)
        if found is None:
            return self._one_by_one(node, part, message)
        taken, previous = found
        if node.agent and previous >= 0:
            verdict = self._judge(node, message.received, taken.sequence, previous)
            if verdict is not Verdict.TAKEN:
                return "record-hole" if verdict is Verdict.HOLE else ""
        elif taken.sequence:
            taken = taken._replace(sequence=0)
        self._messages.append(taken)
        self._heard(node, part, message, taken.historical)
        return ""

    def born(self, birth: Birth, payload: Any, message: Waiting) -> None:
        """Takes the values in a birth of a node that has no records; one that is known already is not taken again."""
        self.settle()
        for metric, born in decode.resolved(payload.metrics, birth):
            if born is None or born.series == NOT_KEPT or metric.is_null:
                continue
            try:
                row = _row(born, metric, payload, message, 0)
            except Malformed as malformed:
                self._outbox.reject(message.received, message.topic, message.payload, str(malformed))
                continue
            if row.at > self._current.at[row.series]:
                self._rows.append(row)

    def settle(self) -> None:
        """Makes columns of what came and brings current values up to it."""
        messages, self._messages = self._messages, []
        rows, self._rows = self._rows, []
        made = [planned(messages, self._current.datatype)] if messages else []
        made += [looked_at(rows)] if rows else []
        for columns in made:
            self._current.update(columns)
            self._rollups.take(columns)
        self._settled += made

    def drain(self) -> list[Columns]:
        """The samples since it was last asked."""
        self.settle()
        drained, self._settled = self._settled, []
        return drained

    def _judge(self, node: Node, now: int, sequence: int, previous: int) -> Verdict:
        verdict = self._marks.judge((node.name, node.agent), sequence, previous)
        if verdict is Verdict.REPEATED:
            self.repeated += 1
        elif verdict is Verdict.TAKEN and sequence - previous > 1:
            lost = sequence - previous - 1
            self._outbox.event(now, node.name, "", "records-lost", after=previous, before=sequence, count=lost)
        return verdict

    def _one_by_one(self, node: Node, part: Device, message: Waiting) -> str:
        payload = decode.payload_of(message.payload)
        found = list(decode.resolved(payload.metrics, part.birth))
        known = [(metric, born) for metric, born in found if born is not None]
        reason = "unknown-metric" if len(known) < len(found) else ""
        numbers = {born.name: int(metric.long_value) for metric, born in known if born.name in (SEQUENCE, PREVIOUS)}
        sequence = 0
        if node.agent and len(numbers) == 2:
            # A record is taken whole: with a metric that is not known it waits for the birth that tells of it.
            if reason:
                return reason
            sequence, previous = numbers[SEQUENCE], numbers[PREVIOUS]
            if not previous < sequence < 1 << 63:
                raise Malformed("record-numbers")
            verdict = self._judge(node, message.received, sequence, previous)
            if verdict is not Verdict.TAKEN:
                return "record-hole" if verdict is Verdict.HOLE else ""
        refused = {reason} - {""}
        said: dict[str, Said] = {}
        for metric, born in known:
            try:
                if born.series == NOT_KEPT:
                    at, value = _at(metric, payload), kept(born.datatype, metric)
                    said[born.name] = Said(value, at, metric.is_historical)
                else:
                    self._rows.append(_row(born, metric, payload, message, sequence))
            except Malformed as malformed:
                refused.add(str(malformed))
        for each in sorted(refused):
            self._outbox.reject(message.received, message.topic, message.payload, each, node.name)
        own = [metric.is_historical for metric, born in known if born.name not in (SEQUENCE, PREVIOUS)]
        self._heard(node, part, message, bool(own) and all(own))
        self._told(node, part, message, said, sequence)
        return reason

    def _told(self, node: Node, part: Device, message: Waiting, said: Mapping[str, Said], sequence: int) -> None:
        """What metrics said that are no samples: an answer, a pulse, a minute."""
        if ANSWER in said:
            self._challenges.answered(node, str(said[ANSWER].value), message.received)
        if PULSE + "Times" in said and PULSE + "Good" in said:
            times, good = said[PULSE + "Times"], said[PULSE + "Good"]
            detail = {"minute": times.at, "times": times.value, "good": good.value}
            self._outbox.event(message.received, node.name, part.name, "pulse", **detail)
        told = {name: each for name, each in said.items() if name.startswith(PREFIX)}
        if not told or not node.agent:
            return
        moments = {each.at for each in told.values()}
        if len(moments) > 1:
            raise Malformed("minute-time")
        values = {name: each.value for name, each in told.items()}
        minute = minutes.minute_of(node.name, part.name, moments.pop(), values)
        late, signed = any(each.historical for each in told.values()), self.keys.signed(minute)
        row = minutes.row(minute, message.received, signed, late, sequence, node.origin, node.mode)
        self._outbox.minutes.append(row)
        if not late:
            seconds = (minute.not_available, minute.out_of_service, minute.not_executing, minute.executing)
            part.state = seconds.index(max(seconds)) if any(seconds) else None
            part.good = minute.times > 1 and minute.good > 0

    def _heard(self, node: Node, part: Device, message: Waiting, historical: bool) -> None:
        if historical:
            return
        part.last = now = message.received
        since = now - node.clock_told
        if since >= CLOCK_EVERY and message.decoded.timestamp:
            offset = now - message.decoded.timestamp
            if since >= CLOCK_SELDOM or abs(offset) > CLOCK_OFF:
                node.clock_told = now
                self._outbox.event(now, node.name, "", "clock", offset=offset)


def _at(metric: Any, payload: Any) -> int:
    at: int = metric.timestamp if metric.HasField("timestamp") else payload.timestamp
    if at >= LATEST:
        raise Malformed("timestamp")
    return at


def _row(born: Metric, metric: Any, payload: Any, message: Waiting, sequence: int) -> Row:
    at, value, told = _at(metric, payload), kept(born.datatype, metric), quality(metric, GOOD)
    return Row(born.series, at, message.received, value, told, metric.is_historical, metric.is_transient, sequence)
