"""A month so far: on how many days every enterprise reached the city's rule, which challenges it passed, the verdict.

The document names for every day the submission of its hours, so that a count leads on to the hours of one machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from shazhou.city.model import PresenceRule
from shazhou.city.period import Period
from shazhou.telemetry.door.record import Cells, Document, local
from shazhou.telemetry.presence.verdict import Verdict
from shazhou.telemetry.statement import Statement
from shazhou.telemetry.wall.month import Challenge

COLUMNS = (
    *("record", "node", "from", "to", "online_days", "challenges_passed", "verdict", "reached", "level", "live"),
    *("working", "passed", "read", "hours_in", "origin"),
)
"""Of a record (``month``, ``day``, ``challenge``). ``reached``: whether the day counts; ``level`` the highest after
doubts; ``live`` and ``working`` seconds; ``hours_in`` the submission that holds the day's hours."""

ONLINE = "online"
"""The verdict of an enterprise for which the rule holds; else it is the reason why it does not."""


@dataclass(frozen=True)
class Day:
    """An enterprise's day within a month."""

    day: date
    reached: bool
    level: int
    live: int
    working: int
    hours_in: str


@dataclass(frozen=True)
class Standing:
    """An enterprise's month so far: the verdict with the days and challenges that it counts."""

    verdict: Verdict
    days: tuple[Day, ...]
    challenges: tuple[Challenge, ...]
    origin: str


def month_document(month: str, zone: ZoneInfo, standings: list[Standing]) -> Document:
    """The document of a month so far: below each enterprise's month its days and challenges."""
    records = (record for each in standings for record in _records(month, zone, each))
    return Document(COLUMNS, tuple(records))


def month_statements(document: Document, rule: PresenceRule) -> Iterator[Statement]:
    """What a month's document states of enterprises; provisional until the month's last day is in it."""
    for row, record in document.rows():
        if record["record"] != "month":
            continue
        month = Period.parse(str(record["from"]))
        told: dict[str, Any] = {
            "status": "A" if str(record["to"]) == str(month.end) else "P",
            "origin": record["origin"],
            "note": f"{said(rule)}; {month.start} – {record['to']}",
            "row": row,
        }
        entity = f"enterprise:{record['node']}"
        for name, unit in (("online_days", "days"), ("challenges_passed", "count")):
            given = str(record[name])
            yield Statement(entity, name, month.text, Decimal(given), None, unit, given, name, **told)
        verdict = str(record["verdict"])
        yield Statement(entity, "presence_verdict", month.text, None, verdict, "text", verdict, "verdict", **told)


def said(rule: PresenceRule) -> str:
    """The rule in a line, in both languages."""
    share, days, challenges = f"{(rule.share * 100).normalize():f} %", rule.days, rule.challenges
    return (
        f"工作时间的 {share} 达到 {rule.level} 级，当月 {days} 天，通过抽查 {challenges} 次 "
        f"level {rule.level} for {share} of the working hours on {days} days, {challenges} challenges passed"
    )


def _records(month: str, zone: ZoneInfo, standing: Standing) -> Iterator[Cells]:
    verdict, node, origin = standing.verdict, standing.verdict.node, standing.origin
    yield {
        "record": "month",
        "node": node,
        "from": month,
        "to": str(max((each.day for each in standing.days), default=Period.parse(month).start)),
        "online_days": verdict.days,
        "challenges_passed": verdict.challenges,
        "verdict": ONLINE if verdict.online else verdict.reason,
        "level": verdict.highest,
        "origin": origin,
    }
    for each in standing.days:
        reached = {"reached": _yes(each.reached), "level": each.level, "live": each.live, "working": each.working}
        whose: Mapping[str, object] = {"record": "day", "node": node, "from": str(each.day), "origin": origin}
        yield {**whose, **reached, "hours_in": each.hours_in}
    for one in standing.challenges:
        whose = {"record": "challenge", "node": node, "from": local(one.at, zone), "origin": origin}
        read = "" if one.read is None else _yes(one.read)
        yield {**whose, "passed": "" if one.passed is None else _yes(one.passed), "read": read}


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"
