"""Presence over the store, a day at a time; what the host, the command and the door call.

A day is one of the city's zone. Its hours and doubts replace those that were known of it, so that a day can be judged
again when minutes came late. Who judges a day waits for whoever judges another, who reads waits for nobody. Memory is
bounded by a day's minutes; what was seen on other days stays in files (`digests`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa

from shazhou.city.model import City
from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.ledger.store import locked
from shazhou.telemetry.enrolment import Enrolled
from shazhou.telemetry.presence.challenges import OUTCOMES
from shazhou.telemetry.presence.digests import Past
from shazhou.telemetry.presence.doubt import Doubt
from shazhou.telemetry.presence.doubts.all import doubts_of
from shazhou.telemetry.presence.frame import HOUR
from shazhou.telemetry.presence.hours import hours_of
from shazhou.telemetry.presence.sessions import SESSION
from shazhou.telemetry.presence.thresholds import CHALLENGE_HOLDS
from shazhou.telemetry.presence.verdict import Verdict, verdicts_of
from shazhou.telemetry.store.store import Store

SESSIONS_BEFORE = 35 * 24 * HOUR
"""Milliseconds before a day in which births are looked for: a node may stay connected for a month."""

DIGESTS = "digests"
"""Folder beside the store's other files for what was seen on other days."""

LOCK = ".judging.lock"
"""Beside them, held while a day is judged: the doubts of a month are one file, read and replaced. The dot keeps it out
of backups."""


PATIENCE = 60.0
"""Seconds to wait for whoever judges a day, which takes seconds: a process that hangs holds up nobody for good."""

BUSY = Rule(
    "judging-busy",
    "Somebody else has been judging presence for {seconds} s; {found} was not judged.",
    "另一进程判定在线状态已超过 {seconds} 秒，{found} 未能判定。",
    "Wait for the other shazhou presence or host to end, or end it; then try again.",
    "请等待另一个 shazhou presence 或 host 进程结束（或将其结束）后重试。",
)


def compute(
    store: Store,
    city: City,
    enrolled: Mapping[str, Enrolled],
    day_or_month: date | str,
    now: datetime | None = None,
    tell: Callable[[date], None] = lambda _: None,
) -> list[Verdict]:
    """Judges a day (a date) or a month (``2026-11``) as far as it has begun, keeps its hours and doubts in the store,
    and gives the verdicts of that month so far. A day of which retention has dropped anything stays as it was judged.

    Args:
        store: opened for reading at least; derived rows are files of their own.
        city: its rule, zone and default working hours.
        enrolled: the register, by node.
        day_or_month: what to judge.
        now: for the present; the hour that goes on is judged too.
        tell: called with every day before it is judged.

    Raises:
        ValueError: a text that is no month.
        Refused: somebody else judges and does not come to an end.
    """
    present = now if now is not None else datetime.now(UTC)
    last = (present - timedelta(milliseconds=1)).astimezone(ZoneInfo(city.zone)).date()
    gone = {each.day for each in store.dropped() if each.kind in ("minutes", "events")}
    for day in _days(day_or_month, last):
        if not gone.isdisjoint(_kept_under(day, city.zone)):
            continue
        tell(day)
        try:
            with locked(store.folder / LOCK, PATIENCE):
                _judge(store, city, enrolled, day, present)
        except TimeoutError:
            raise Refused([Problem(BUSY, Where(), str(day), {"seconds": f"{PATIENCE:g}"})]) from None
    first = _first(day_or_month)
    start, stop = _bounds(first, (first + timedelta(days=32)).replace(day=1), city.zone)
    events = store.events(start, stop, kinds=OUTCOMES)
    found = verdicts_of(store.hours(start, stop), events, city.presence, city.zone, enrolled)
    return [each for each in found if each.month == f"{first:%Y-%m}"]


def _judge(store: Store, city: City, enrolled: Mapping[str, Enrolled], day: date, now: datetime) -> None:
    start, end = _bounds(day, day + timedelta(days=1), city.zone)
    stop = min(end, _whole(int(now.timestamp() * 1000) + HOUR - 1))
    minutes = store.minutes(start, stop)
    events = store.events(start, stop)
    before = store.events(start - SESSIONS_BEFORE, start, kinds=SESSION)
    after = store.events(stop, int(now.timestamp() * 1000) + 1, kinds=SESSION)
    answered = store.events(start - CHALLENGE_HOLDS, start, kinds=OUTCOMES)
    known = pa.concat_tables([before, answered, events, after])
    calendars = {node: each.calendar(city) for node, each in enrolled.items()}
    keys = {node: each.key for node, each in enrolled.items() if each.key}
    doubts = doubts_of(minutes, known, calendars, (start, stop), Past(store.folder / DIGESTS), keys)
    hours, machine_hours = hours_of(minutes, known, calendars, enrolled, city.presence, doubts, (start, stop))
    store.keep_hours(day, hours, machine_hours)
    _keep(store, day, doubts, (start, end))


def _keep(store: Store, day: date, doubts: list[Doubt], span: tuple[int, int]) -> None:
    """Puts a day's doubts in the place of those that were known of it."""
    month = f"{day:%Y-%m}"
    others = [each for each in store.doubts(month) if not span[0] <= each["start"] < span[1]]
    store.keep_doubts(month, sorted(others + [each.as_dict() for each in doubts], key=lambda each: each["start"]))


def _days(day_or_month: date | str, last: date) -> Iterator[date]:
    if isinstance(day_or_month, date):
        if day_or_month <= last:
            yield day_or_month
        return
    day = _first(day_or_month)
    month = day.month
    while day.month == month and day <= last:
        yield day
        day += timedelta(days=1)


def _kept_under(day: date, zone: str) -> Iterator[str]:
    """The days of UTC, as the store names them, that a day lies in."""
    start, stop = _bounds(day, day + timedelta(days=1), zone)
    return (f"{datetime.fromtimestamp(each / 1000, UTC):%Y-%m-%d}" for each in (start, stop - 1))


def _first(day_or_month: date | str) -> date:
    """The first day of the month."""
    if isinstance(day_or_month, date):
        return day_or_month.replace(day=1)
    return datetime.strptime(day_or_month, "%Y-%m").date()


def _bounds(first: date, after: date, zone: str) -> tuple[int, int]:
    """From the beginning of a day to the beginning of another, in milliseconds; where these are no whole hours of UTC,
    from the hour that they lie in."""
    start, stop = (datetime(each.year, each.month, each.day, tzinfo=ZoneInfo(zone)) for each in (first, after))
    return _whole(round(start.timestamp() * 1000)), _whole(round(stop.timestamp() * 1000))


def _whole(moment: int) -> int:
    return moment - moment % HOUR
