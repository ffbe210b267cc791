"""The wall from the store: what the host wrote last, the last hours, and the verdicts of a month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shazhou.city.model import City
from shazhou.telemetry.enrolment import Enrolled
from shazhou.telemetry.presence.verdict import Verdict, verdicts_of
from shazhou.telemetry.store.store import Store
from shazhou.telemetry.wall.month import bounds, month_at
from shazhou.telemetry.wall.standing import RECENT, Wall, standings_of

CHALLENGES = ("challenge", "challenge-passed", "challenge-failed")


def month_verdicts(
    store: Store | None, enrolled: Mapping[str, Enrolled], city: City, month: str
) -> tuple[Verdict, ...]:
    """The verdicts of a month, as far as its hours are computed.

    Raises:
        ValueError: it is no month.
    """
    if store is None or not enrolled:
        return ()
    start, stop = bounds(month, city.zone)
    hours = store.hours(start, stop)
    if not hours.num_rows:
        return ()
    events = store.events(start, stop, kinds=CHALLENGES)
    found = verdicts_of(hours, events, city.presence, city.zone, enrolled)
    return tuple(each for each in found if each.month == month)


def read_wall(
    store: Store | None, enrolled: Mapping[str, Enrolled], verdicts: Iterable[Verdict], month: str, now: int, zone: str
) -> Wall:
    """All enterprises of the register as they stand now (ms), with the verdicts of a month in the zone."""
    live = store.live() if store is not None else {}
    hours = store.hours(now - RECENT, now + 1).to_pylist() if store is not None else []
    return Wall(
        now,
        month,
        live.get("at"),
        standings_of(enrolled, live, hours, verdicts, now, month == month_at(now, zone)),
        tuple(sorted(set(live.get("nodes", {})) - set(enrolled))),
    )
