"""A day of a machine as drawings: the ribbon of its states and the trends, as coordinates of SVG."""

from __future__ import annotations

from dataclasses import dataclass

from shazhou.telemetry.names import State
from shazhou.telemetry.wall.day import HOUR, Day

WIDTH = 1440
"""Units of a drawing's width: a minute is one."""

HEIGHT = 120
TALL = {State.EXECUTING: 40, State.NOT_EXECUTING: 26, State.OUT_OF_SERVICE: 16, State.NOT_AVAILABLE: 7}
"""How tall a state is drawn, so that states differ by more than their colour."""


@dataclass(frozen=True)
class Box:
    """A rectangle with what it stands for: a code for its class and a moment."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    start: int
    stop: int
    value: float = 0


@dataclass(frozen=True)
class Trend:
    """A line, broken where nothing was told: its pieces as SVG points, and the highest value."""

    pieces: tuple[str, ...]
    top: float


@dataclass(frozen=True)
class Drawn:
    """What a day looks like. ``ticks``: x and hour of the lines of the clock."""

    ribbon: tuple[Box, ...]
    power: Trend
    pieces: Trend
    energy: tuple[Box, ...]
    energy_top: float
    ticks: tuple[tuple[float, int], ...]


def drawn(day: Day) -> Drawn:
    """The drawings of a day."""
    scale = WIDTH / (day.stop - day.start)

    def x(at: int) -> float:
        return round((at - day.start) * scale, 1)

    ribbon = tuple(
        Box(
            str(span.state),
            x(span.start),
            40 - tall,
            round(x(span.stop) - x(span.start), 1),
            tall,
            span.start,
            span.stop,
        )
        for span in day.ribbon
        if span.state is not None
        for tall in (TALL[State(span.state)],)
    )
    told = [(hour.start, hour.energy) for hour in day.hours if hour.energy is not None]
    top = max((energy for _start, energy in told), default=0.0)
    energy = tuple(
        Box(
            "energy",
            x(start) + 4,
            round(HEIGHT - high, 1),
            round(HOUR * scale - 8, 1),
            round(high, 1),
            start,
            start + HOUR,
            each,
        )
        for start, each in told
        for high in (HEIGHT * each / top if top > 0 else 0.0,)
    )
    return Drawn(
        ribbon,
        _trend([(x(at), power) for at, _pieces, power in day.trend]),
        _trend([(x(at), pieces) for at, pieces, _power in day.trend]),
        energy,
        round(top, 2),
        tuple((x(day.start + hour * HOUR), hour) for hour in range(0, 24, 3)),
    )


def _trend(points: list[tuple[float, float | int | None]]) -> Trend:
    """A line through points by minute."""
    top = max((float(value) for _x, value in points if value is not None), default=0.0)
    pieces: list[list[str]] = []
    before = None
    for x, value in points:
        if value is None:
            before = None
            continue
        if before is None or x - before > 1.5 * WIDTH / 1440:
            pieces.append([])
        pieces[-1].append(f"{x:g},{HEIGHT * (1 - float(value) / top) if top > 0 else HEIGHT:.1f}")
        before = x
    return Trend(tuple(" ".join(piece) for piece in pieces), round(top, 2))
