"""Where every enterprise of the register stands now, and whether the city's rule holds for it this month.

The level now is what the host sees of the session, held against the last hour that was computed: only that knows
whether values were doubted and a challenge was passed. Where no host runs, nothing is known but the last hours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shazhou.telemetry.enrolment import Enrolled
from shazhou.telemetry.presence.level import LEVELS
from shazhou.telemetry.presence.verdict import Verdict

AWAY = 30_000
"""Milliseconds after which a host that wrote nothing is taken not to run; it writes every 2 s."""

HOUR = 3_600_000

RECENT = 3 * HOUR
"""Milliseconds for which the last hour that was computed says something about now."""

NOT_ENROLLED = "not-enrolled"
"""Why promised enterprises are not online that stand in no register."""

NEVER_HEARD = "never-heard"
"""Why an enterprise is not online of which no hour is known."""

SILENT = "silent"
"""Why an enterprise is not online of which nothing was heard in most hours that were judged."""

FIRST_HOUR = "first-hour"
"""Why an enterprise is not online that was just heard, after the last hour that was judged."""


@dataclass(frozen=True)
class Standing:
    """Where an enterprise stands. ``level`` now, ``last`` when the last message that was heard was sent (ms, None:
    never), ``before`` what the level would be without doubts. ``online``: the rule holds in the month, with so many
    ``days`` on which its share was reached and so many ``challenges`` passed; ``reason``: code of why it does not
    hold."""

    node: str
    entity: str
    name: Mapping[str, str]
    town: str
    industry: str
    level: int = 0
    before: int = 0
    last: int | None = None
    mode: str = ""
    origin: str = ""
    online: bool = False
    days: int = 0
    challenges: int = 0
    highest: int = 0
    reason: str = NEVER_HEARD


@dataclass(frozen=True)
class Wall:
    """All enterprises of the register at a moment ``at`` (ms). ``heard``: when the host last wrote, None for never;
    ``unknown``: nodes that speak and stand in no register."""

    at: int
    month: str
    heard: int | None
    standings: tuple[Standing, ...]
    unknown: tuple[str, ...] = ()

    @property
    def running(self) -> bool:
        """Whether the host runs."""
        return self.heard is not None and self.at - self.heard < AWAY

    @property
    def online(self) -> int:
        """Enterprises for which the rule holds in the month."""
        return sum(each.online for each in self.standings)

    @property
    def origins(self) -> frozenset[str]:
        """What marks are on any of them: ``simulated``, ``recorded``."""
        return frozenset(each.origin for each in self.standings) - {""}


def standings_of(
    enrolled: Mapping[str, Enrolled],
    live: Mapping[str, Any],
    hours: Sequence[Mapping[str, Any]],
    verdicts: Iterable[Verdict],
    now: int,
    present: bool = True,
) -> tuple[Standing, ...]:
    """Where the enterprises stand, in the order of their town, industry and node.

    Args:
        enrolled: the register, by node.
        live: what the host wrote last (`Store.live`); empty for nothing.
        hours: rows of HOURS of the last hours, any order.
        verdicts: of the month.
        now: milliseconds since 1970 UTC.
        present: whether the month is the one that goes on.
    """
    heard: Mapping[str, Mapping[str, Any]] = live.get("nodes", {})
    running = now - live.get("at", 0) < AWAY
    newest: dict[str, Mapping[str, Any]] = {}
    for row in sorted(hours, key=lambda row: int(row["hour"])):
        # An hour that goes on has had no time yet to reach anything; what is doubted in it is told at once.
        is_over = row["hour"] + HOUR <= now
        if now - RECENT < row["hour"] and (is_over or row["level"] < row["before"] or row["node"] not in newest):
            newest[row["node"]] = row
    judged = {each.node: each for each in verdicts}
    found = [
        _standing(each, heard.get(node, {}), newest.get(node), judged.get(node), running)
        for node, each in enrolled.items()
    ]
    if present:
        found = [
            replace(each, reason=FIRST_HOUR) if _just_heard(each, newest.get(each.node), now) else each
            for each in found
        ]
    return tuple(sorted(found, key=lambda each: (each.town, each.industry, each.node)))


def level_now(heard: Mapping[str, Any], hour: Mapping[str, Any] | None, running: bool) -> tuple[int, int]:
    """The level after doubts and before them: the session's, no higher than doubts of the last hour allow, and 4 where
    that hour had passed its challenge; the hour's own where the host does not run."""
    if not running:
        return (0, 0) if hour is None else (int(hour["level"]), int(hour["before"]))
    session = int(heard["level"]) if heard.get("online") else 0
    if hour is None:
        return session, session
    before = 4 if session == 3 and hour["before"] == 4 else session
    return (min(before, int(hour["level"])) if hour["level"] < hour["before"] else before), before


def narrowed(
    standings: Iterable[Standing],
    towns: Collection[str] = (),
    industries: Collection[str] = (),
    level: int | None = None,
) -> tuple[Standing, ...]:
    """Those in some towns, of some industries, at a level; nothing given does not narrow."""
    return tuple(
        each
        for each in standings
        if (not towns or each.town in towns)
        and (not industries or each.industry in industries)
        and level in (None, each.level)
    )


def by_level(standings: Iterable[Standing]) -> dict[int, int]:
    """How many stand at each level."""
    counts = Counter(each.level for each in standings)
    return {level: counts[level] for level in range(len(LEVELS))}


def table(standings: Iterable[Standing], by: str) -> list[tuple[str, dict[int, int], int, int]]:
    """Per ``town`` or ``industry``: its key, how many stand at each level, how many are online this month, how many
    there are; the largest first."""
    groups: dict[str, list[Standing]] = {}
    for each in standings:
        groups.setdefault(str(getattr(each, by)), []).append(each)
    rows = [(key, by_level(group), sum(each.online for each in group), len(group)) for key, group in groups.items()]
    return sorted(rows, key=lambda row: (-row[3], row[0]))


def why_not(standings: Collection[Standing], promised: int) -> list[tuple[str, int]]:
    """Why the rest of the promised enterprises are not online: reasons and how many, most first. Those that stand in no
    register come first; with the online ones the numbers add up to what was promised, or to the register where that is
    longer."""
    counts = Counter(each.reason for each in standings if not each.online)
    missing = promised - len(standings)
    rest = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return ([(NOT_ENROLLED, missing)] if missing > 0 else []) + rest


def _just_heard(of: Standing, hour: Mapping[str, Any] | None, now: int) -> bool:
    """Whether it counts as silent only because it was heard after the last hour that was judged."""
    if of.reason not in (NEVER_HEARD, SILENT) or of.last is None or of.last <= now - RECENT:
        return False
    if hour is None or hour["hour"] + HOUR > now:
        return True
    return bool(hour["level"] == 0 and of.last >= hour["hour"] + HOUR)


def _standing(
    enrolled: Enrolled,
    heard: Mapping[str, Any],
    hour: Mapping[str, Any] | None,
    verdict: Verdict | None,
    running: bool,
) -> Standing:
    level, before = level_now(heard, hour, running)
    told = Standing(
        enrolled.node,
        enrolled.entity,
        enrolled.name,
        enrolled.town,
        enrolled.industry,
        level,
        before,
        heard.get("last"),
        heard.get("mode", "") or (hour["mode"] if hour is not None else ""),
        strictest(enrolled.origin, heard.get("origin", ""), hour["origin"] if hour is not None else ""),
    )
    if verdict is None:
        return told
    return replace(
        told,
        online=verdict.online,
        days=verdict.days,
        challenges=verdict.challenges,
        highest=verdict.highest,
        reason="" if verdict.online else verdict.reason or NEVER_HEARD,
    )


def strictest(*origins: str) -> str:
    """The strictest of some marks: simulated, then recorded, then none."""
    return next((mark for mark in ("simulated", "recorded") if mark in origins), "")
