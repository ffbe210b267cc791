"""The ladder: the level of every enterprise in every hour.

- L0 promised: it stands in the register.
- L1 session: something was heard of it in the hour.
- L2 speaking: for the share of the hour's working time that the city's rule asks, it was born and not dead, with its
  sequence unbroken, or minutes of it came.
- L3 live: for that share, at least one of its machines was live (`live.live`) and not in doubt.
- L4 challenged: L3, and its last challenge, not older than a day, was passed.

Where an hour has no working time, the share is of the whole hour; such hours do not count for the rule. What was stored
and forwarded counts for the hour that it describes. No mode reaches more than it can prove (`names.HIGHEST`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from shazhou.city.calendar import Calendar
from shazhou.city.model import PresenceRule
from shazhou.telemetry.minute import LENGTH
from shazhou.telemetry.presence.believed import not_in_doubt
from shazhou.telemetry.presence.challenges import FAILED, PASSED, UNREAD, challenged
from shazhou.telemetry.presence.described import MODES, ORIGINS, modes_of, origins_of
from shazhou.telemetry.presence.doubt import KINDS, Doubt
from shazhou.telemetry.presence.frame import HOUR, MINUTES, Frame
from shazhou.telemetry.presence.grid import Grid, Integers, Mask
from shazhou.telemetry.presence.live import failed, live
from shazhou.telemetry.presence.machine_hours import machine_hours_of
from shazhou.telemetry.presence.sessions import heard, speaking
from shazhou.telemetry.store.schema import HOURS

_HIGHEST = np.array([2, 4, 4, 4], dtype=np.int8)
"""By place in `MODES`, see `names.HIGHEST`; a node that tells no mode is bound by what it shows."""


def hours_of(
    minutes: pa.Table,
    events: pa.Table,
    calendars: Mapping[str, Calendar],
    joined: Collection[str],
    rule: PresenceRule,
    doubts: Sequence[Doubt],
    span: tuple[int, int],
) -> tuple[pa.Table, pa.Table]:
    """Levels by enterprise and hour (HOURS), and sums by machine and hour (MACHINE_HOURS).

    ``span`` is the time to be judged, whole hours; ``events`` may begin before it, so that sessions that were born and
    challenges that were passed earlier are known. Every joined enterprise, and every other that was heard, has a row
    for every hour. Enterprises without a calendar have no working time.

    Raises:
        ValueError: the span does not begin and end with an hour.
    """
    grid = Grid.of(minutes, span)
    frame = Frame.of({*joined, *grid.nodes, *events["node"].unique().to_pylist()}, span)
    alive = live(grid)
    undoubted = not_in_doubt(grid, doubts)
    speaks = speaking(frame, minutes, events)
    spoken = _still_speaking(doubts, frame, speaks)
    working = frame.working(calendars)
    counted = _counted(frame, working)
    asked = _Share(rule, frame.by_hour(counted))
    modes = modes_of(frame, minutes, events)
    challenge = challenged(frame, events, modes == MODES.index("full"))
    known = heard(frame, minutes, events, speaks)

    def levels(lives: Mask, says: Mask) -> npt.NDArray[np.int8]:
        living, said = asked.reached(frame.by_hour(lives & counted)), asked.reached(frame.by_hour(says & counted))
        level = np.select([living & (challenge == PASSED), living, said, known], [4, 3, 2, 1], 0).astype(np.int8)
        return np.minimum(level, _HIGHEST[modes])

    lives, kept = _of_nodes(frame, grid, alive), _of_nodes(frame, grid, alive & undoubted)
    before, level = levels(lives, speaks), levels(kept, spoken)
    raised, lowest = _raised(doubts, frame)
    reasons = _Why(frame, grid, counted, lives, modes, challenge, speaks).of(level)
    for row, hour in zip(*np.nonzero(level < before), strict=True):
        reasons[row, hour] = f"doubt-{lowest[row, hour]}" if lowest[row, hour] else reasons[row, hour]
    columns = {
        "node": np.repeat(np.array(frame.nodes, dtype=object), frame.hours),
        "hour": np.tile(np.fromiter(frame.moments(), dtype=np.int64), len(frame.nodes)),
        "level": level.ravel(),
        "before": before.ravel(),
        "working": _seconds(frame.by_hour(working)),
        "live": _seconds(frame.by_hour(kept & counted)),
        "speaking": _seconds(frame.by_hour(spoken & counted)),
        "reason": reasons.ravel(),
        "doubts": raised,
        "mode": np.array(MODES, dtype=object)[modes].ravel(),
        "origin": np.array(ORIGINS, dtype=object)[origins_of(frame, minutes, events)].ravel(),
    }
    table = pa.table([pa.array(columns[field.name], field.type) for field in HOURS], schema=HOURS)
    return table, machine_hours_of(grid, alive, undoubted)


class _Share:
    """Whether minutes reach the rule's share of the minutes that count, exactly."""

    def __init__(self, rule: PresenceRule, counted: Integers) -> None:
        self.of, self.over = rule.share.as_integer_ratio()
        self.counted = counted

    def reached(self, minutes: Integers) -> Mask:
        return np.asarray((minutes > 0) & (minutes * self.over >= self.counted * self.of))


class _Why:
    """Why the next level was not reached, by enterprise and hour."""

    def __init__(
        self,
        frame: Frame,
        grid: Grid,
        counted: Mask,
        lives: Mask,
        modes: npt.NDArray[np.int8],
        challenge: npt.NDArray[np.int8],
        speaks: Mask,
    ) -> None:
        failures = {
            code: frame.by_hour(_of_nodes(frame, grid, mask) & counted & ~lives) for code, mask in failed(grid).items()
        }
        came = frame.by_hour(_of_nodes(frame, grid, grid.there) & counted)
        missing = frame.by_hour(counted) - came
        codes = np.array(["short-live", *failures], dtype=object)
        most = np.argmax(np.stack([missing, *failures.values()]), axis=0)
        pulse = modes == MODES.index("pulse")
        spoken = frame.by_hour(speaks & counted) > 0
        self.next = {
            0: np.full(missing.shape, "silent", dtype=object),
            1: np.where(spoken, "short-session", "no-birth"),
            2: np.where(pulse, "pulse-mode", np.where(came == 0, "no-minutes", codes[most])),
            3: np.select(
                [challenge == FAILED, challenge == UNREAD], ["challenge-failed", "read-missing"], "not-challenged"
            ),
            4: np.full(missing.shape, "", dtype=object),
        }

    def of(self, level: npt.NDArray[np.int8]) -> npt.NDArray[np.object_]:
        return np.select([level == each for each in self.next], list(self.next.values()), "").astype(object)


def _of_nodes(frame: Frame, grid: Grid, mask: Mask) -> Mask:
    """An array by machine, as one by enterprise: whether it holds for any of its machines."""
    result = frame.none()
    if grid.nodes:
        result[[frame.row[node] for node in grid.nodes]] = grid.by_node(mask)
    return np.asarray(result)


def _counted(frame: Frame, working: Mask) -> Mask:
    """The minutes that count: working time, and all of an hour without any."""
    idle = frame.by_hour(working) == 0
    return np.asarray(working | np.repeat(idle, MINUTES, axis=1))


def _still_speaking(doubts: Sequence[Doubt], frame: Frame, speaks: Mask) -> Mask:
    """The minutes in which a node spoke that no doubt about all that it says takes back."""
    kept = speaks.copy()
    for doubt in doubts:
        if doubt.lowers_to < 2 and not doubt.device and doubt.node in frame.row:
            kept[frame.row[doubt.node], doubt.columns(frame.start)] = False
    return kept


def _raised(doubts: Sequence[Doubt], frame: Frame) -> tuple[pa.Array, npt.NDArray[np.object_]]:
    """The kinds of doubt in every hour, as a column, and the one that lowers most."""
    found: dict[tuple[int, int], dict[str, int]] = {}
    for doubt in doubts:
        if (row := frame.row.get(doubt.node)) is None:
            continue
        first, last = (doubt.start - frame.start) // HOUR, -(-(doubt.stop - frame.start) // HOUR)
        for hour in range(max(first, 0), min(last, frame.hours)):
            kinds = found.setdefault((row, hour), {})
            kinds[doubt.kind] = min(doubt.lowers_to, kinds.get(doubt.kind, doubt.lowers_to))
    lowest = np.full((len(frame.nodes), frame.hours), "", dtype=object)
    for (row, hour), kinds in found.items():
        lowest[row, hour] = min(kinds, key=lambda kind: (kinds[kind], KINDS.index(kind)))
    cells = ((row, hour) for row in range(len(frame.nodes)) for hour in range(frame.hours))
    lists = [sorted(found.get(cell, ())) for cell in cells]
    return pa.array(lists, HOURS.field("doubts").type), lowest


def _seconds(minutes: Integers) -> npt.NDArray[np.int32]:
    return (minutes * (LENGTH // 1000)).astype(np.int32).ravel()
