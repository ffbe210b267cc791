"""Few requests for many addresses: neighbours in one table of one unit are read together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shazhou.telemetry.edge.sources.modbus.address import BITS, Address

MOST_BITS = 2000
"""Coils or discrete inputs in one request at most, as the standard says."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request and the tags whose values it brings."""

    unit: int
    table: str
    start: int
    count: int
    tags: tuple[tuple[str, Address], ...]

    def apart(self) -> Iterator[Request]:
        """A request for each tag."""
        for tag, place in self.tags:
            yield Request(self.unit, self.table, place.start, place.count, ((tag, place),))


def requests(places: Iterable[tuple[str, Address]], gap: int, registers: int) -> list[Request]:
    """Requests of at most ``registers`` that leave out more than ``gap`` unasked ones between two tags."""
    made: list[Request] = []
    for tag, place in sorted(places, key=lambda one: (one[1].unit, one[1].table, one[1].start)):
        most = MOST_BITS if place.table in BITS else registers
        last = made[-1] if made else None
        if last is not None and (last.unit, last.table) == (place.unit, place.table):
            end = max(last.start + last.count, place.start + place.count)
            if place.start <= last.start + last.count + gap and end - last.start <= most:
                joined = (*last.tags, (tag, place))
                made[-1] = Request(last.unit, last.table, last.start, end - last.start, joined)
                continue
        made.append(Request(place.unit, place.table, place.start, place.count, ((tag, place),)))
    return made
