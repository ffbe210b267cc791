"""What a connection certificate says: one enterprise's month, as it is known when the certificate is made.

A certificate is JSON. Moments are written in the city's zone with their distance from UTC, levels of a day as one
character for each of its 24 hours (``-``: nothing is known).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from shazhou.city.model import City
from shazhou.city.period import Period
from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.ledger.ledger import Ledger
from shazhou.telemetry.certificate.claims import NOT_PROVED, WOULD_SETTLE, proof_of
from shazhou.telemetry.door.deliver import hours_in, month_in
from shazhou.telemetry.door.month import Day, Standing
from shazhou.telemetry.door.standings import standings_of
from shazhou.telemetry.enrolment import NOT_JOINING, Enrolled, enrolled
from shazhou.telemetry.presence.level import LEVELS
from shazhou.telemetry.presence.reasons import REASONS
from shazhou.telemetry.store.store import Store
from shazhou.telemetry.wall.month import MONTH, Gap, Hour, Machine, Month, month_of

FORMAT = "shazhou-connection-certificate/1"

Certificate = dict[str, Any]

NOTHING_KNOWN = Rule(
    "nothing-to-certify",
    "No hours of {found} are known in {month}.",
    "{month} 没有 {found} 的任何小时记录。",
    "Judge the month first: shazhou presence compute --month; or look whether the host was running then.",
    "请先判定该月：shazhou presence compute --month；或检查当时 host 是否运行。",
)
NOT_A_MONTH = Rule(
    "not-a-month",
    "{found} is no month of this century that has begun.",
    "{found} 不是本世纪已开始的月份。",
    "Write it as 2026-11.",
    "请写作 2026-11。",
)


def certificate_of(store: Store, ledger: Ledger, city: City, node: str, month: str, now: datetime) -> Certificate:
    """The certificate of an enterprise and a month, not signed yet; of days that are over alone.

    Raises:
        Refused: the enterprise is not in the register, the text is no month that has begun, or nothing is known of it.
    """
    register = enrolled(ledger, city)
    if node not in register:
        raise Refused([Problem(NOT_JOINING, Where(), node)])
    zone = ZoneInfo(city.zone)
    today = now.astimezone(zone).date()
    if not MONTH.fullmatch(month) or (period := Period.parse(month)).start > today:
        raise Refused([Problem(NOT_A_MONTH, Where(), month)])
    found = standings_of(store, city, {node: register[node]}, month, today, hours_in(ledger), node)
    if not found or not found[0].days:
        raise Refused([Problem(NOTHING_KNOWN, Where(), node, {"month": month})])
    known = month_of(store, node, month, city.zone, found[0].days[-1].day)
    return _made(ledger, city, register[node], known, found[0], period, now)


def _made(
    ledger: Ledger, city: City, one: Enrolled, known: Month, standing: Standing, period: Period, now: datetime
) -> Certificate:
    zone, verdict, last = ZoneInfo(city.zone), standing.verdict, standing.days[-1].day
    rule = city.presence
    reason = REASONS[verdict.reason]
    return {
        "format": FORMAT,
        "city": {"id": city.id, "name": city.name.model_dump(), "zone": city.zone},
        "enterprise": {
            "node": one.node,
            "entity": one.entity,
            "name": dict(one.name),
            "town": _named(city.places, one.town),
            "industry": _named(city.industries, one.industry),
            "joined": str(one.joined),
            "key": one.key,
        },
        "month": period.text,
        "until": str(last),
        "complete": last == period.end,
        "origin": standing.origin,
        "rule": {
            "level": rule.level,
            "share": str(rule.share),
            "days": rule.days,
            "challenges": rule.challenges,
            "working_hours": list(one.shifts or rule.hours),
        },
        "verdict": {
            "online": verdict.online,
            "days": verdict.days,
            "challenges": verdict.challenges,
            "highest": verdict.highest,
            "reason": {"code": reason.code, "zh": reason.zh, "en": reason.en},
        },
        "level_names": list(LEVELS),
        "days": [_day(day, hours, standing.days) for day, hours in known.days],
        "proves": [proof_of(mode) for mode in known.modes],
        "challenges": [
            {"at": _local(each.at, zone), "passed": each.passed, "read": each.read, "why": each.why}
            for each in standing.challenges
        ],
        "gaps": [_gap(each, zone) for each in known.gaps],
        "doubts": [_doubt(each, zone) for each in known.doubts],
        "machines": [_machine(each) for each in known.machines],
        "does_not_prove": list(NOT_PROVED),
        "would_settle": list(WOULD_SETTLE),
        "ledger": {"head": ledger.head(), "month_in": month_in(ledger, period.text, standing.origin)},
        "made": now.astimezone(UTC).isoformat(timespec="seconds"),
    }


def _gap(gap: Gap, zone: ZoneInfo) -> dict[str, Any]:
    stop = None if gap.stop is None else _local(gap.stop, zone)
    return {"kind": gap.kind, "from": _local(gap.start, zone), "to": stop, "missing": gap.missing}


def _machine(machine: Machine) -> dict[str, Any]:
    return {
        "device": machine.device,
        "live_seconds": machine.live,
        "executing_seconds": round(machine.executing),
        "pieces": machine.total,
        "good_pieces": machine.good_count,
        "energy_kwh": None if machine.energy is None else round(machine.energy, 3),
        "failures": machine.failures,
    }


def _day(day: date, hours: Iterable[Hour | None], judged: Iterable[Day]) -> dict[str, Any]:
    of_day = list(hours)
    found = next((each for each in judged if each.day == day), None)
    return {
        "day": str(day),
        "levels": "".join("-" if each is None else str(each.level) for each in of_day),
        "without_doubts": "".join("-" if each is None else str(each.before) for each in of_day),
        "at_work": "".join("1" if each is not None and each.working else "0" for each in of_day),
        "working_seconds": found.working if found else 0,
        "live_seconds": found.live if found else 0,
        "reached": found is not None and found.reached,
        "hours_in": found.hours_in if found else "",
    }


def _doubt(doubt: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    reason = REASONS[f"doubt-{doubt['kind']}"]
    return {
        "kind": doubt["kind"],
        "zh": reason.zh,
        "en": reason.en,
        "device": doubt["device"],
        "from": _local(doubt["start"], zone),
        "to": _local(doubt["stop"], zone),
        "lowers_to": doubt["lowers_to"],
        "evidence": doubt["evidence"],
    }


def _named(known: Mapping[str, Any], key: str) -> dict[str, str]:
    return {"key": key, **(known[key].name.model_dump() if key in known else {})}


def _local(moment: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(moment / 1000, zone).isoformat(timespec="seconds")
