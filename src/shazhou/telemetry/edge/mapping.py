"""Readings as standard metrics of equipment: which tag is which metric, and what its values mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shazhou.telemetry.edge.config import EdgeConfig, MetricOptions
from shazhou.telemetry.edge.convert import factor_of, meaning_of, number, typed, word
from shazhou.telemetry.edge.source import ALIVE, Reading, Value
from shazhou.telemetry.names import EQUIPMENT, State
from shazhou.telemetry.sparkplug.datatype import DataType
from shazhou.telemetry.sparkplug.payload import BAD

_TYPES = {
    "double": DataType.DOUBLE,
    "int64": DataType.INT64,
    "boolean": DataType.BOOLEAN,
    "string": DataType.STRING,
}


LONGEST = 1_000
"""Characters of a text that are sent."""
LATEST = 7_258_118_400_000
"""The year 2200 in milliseconds since 1970 UTC. Times outside of what can be meant are sent as the nearest that can."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """A value of a metric of equipment, in the metric's unit and type. ``at`` and ``quality`` are the reading's;
    a value that could not be understood is none, of quality BAD."""

    device: str
    metric: str
    value: Value
    at: int
    quality: int


@dataclass(frozen=True, slots=True)
class Target:
    """The metric that a tag is, and how to get from one to the other."""

    device: str
    metric: str
    datatype: DataType
    unit: str
    factor: float
    meanings: Mapping[str, int]
    executing_above: float | None

    @classmethod
    def of(cls, device: str, metric: str, options: MetricOptions) -> Target:
        """The target that the agent's file describes."""
        standard = EQUIPMENT.get(metric)
        unit = standard.unit if standard else options.label
        factor = options.scale * ((factor_of(options.unit, unit) or 1.0) if options.unit else 1.0)
        meanings = {said: meaning_of(metric, meant) or 0 for said, meant in options.values.items()}
        datatype = standard.datatype if standard else _TYPES[options.type]
        return cls(device, metric, datatype, unit, factor, meanings, options.executing_above)

    def measurement(self, reading: Reading) -> Measurement:
        """What a reading of the tag says of the metric."""
        value = self._value(reading.value)
        quality = BAD if value is None else reading.quality
        return Measurement(self.device, self.metric, value, min(max(reading.at, 0), LATEST), quality)

    def _value(self, value: Value) -> Value:
        if value is None:
            return None
        if self.meanings:
            said = word(value)
            return self.meanings[said] if said in self.meanings else self.meanings.get("*")
        if self.datatype is DataType.STRING:
            return word(value)[:LONGEST]
        found = number(value)
        if found is None:
            return None
        if self.executing_above is not None:
            above = found * self.factor > self.executing_above
            return int(State.EXECUTING if above else State.NOT_EXECUTING)
        scaled = typed(found * self.factor if self.factor != 1.0 else found, self.datatype)
        if self.metric in ("State", "Operation Mode") and scaled not in (0, 1, 2, 3):
            return None
        return scaled


class TagMapping:
    """All targets of an agent's file, by source and tag."""

    def __init__(self, config: EdgeConfig) -> None:
        self._targets: dict[tuple[str, str], list[Target]] = {}
        self._devices: dict[str, list[str]] = {name: [] for name in config.sources}
        for device, metrics in config.equipment.items():
            for metric, options in metrics.items():
                if options.constant is None:
                    target = Target.of(device, metric, options)
                    self._targets.setdefault((options.source, options.tag), []).append(target)
                    if device not in self._devices[options.source]:
                        self._devices[options.source].append(device)

    def tags(self, source: str) -> tuple[str, ...]:
        """The tags that a source has to read."""
        return tuple(tag for name, tag in self._targets if name == source)

    def devices(self, source: str) -> list[str]:
        """Equipment that a source knows anything of."""
        return self._devices[source]

    def targets(self) -> Iterator[Target]:
        """Every metric that any tag is."""
        for each in self._targets.values():
            yield from each

    def targets_of(self, source: str, tag: str) -> list[Target]:
        """The metrics that a tag is."""
        return self._targets.get((source, tag), [])

    def tag_of(self, device: str, metric: str) -> tuple[str, str, Target] | None:
        """Source, tag and target of a metric; None where no tag is it."""
        for (source, tag), targets in self._targets.items():
            for target in targets:
                if (target.device, target.metric) == (device, metric):
                    return source, tag, target
        return None

    def measurements(self, source: str, reading: Reading) -> Iterator[Measurement]:
        """What a reading says; nothing of a tag that nobody asked for, or of a sign of life."""
        if reading.tag != ALIVE:
            for target in self.targets_of(source, reading.tag):
                yield target.measurement(reading)
