"""Operations about enterprises that connect their machines: counts of all, and the hours of one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from shazhou.console.access.audit import log
from shazhou.console.access.rules import Action
from shazhou.console.api.guard import operation
from shazhou.console.api.problems import Failure
from shazhou.console.evidence import current
from shazhou.console.telemetry import known
from shazhou.telemetry.wall.month import MONTH, bounds, month_at
from shazhou.telemetry.wall.promise import promised
from shazhou.telemetry.wall.standing import by_level, table, why_not

router = Router(tags=["online"])

Month = Annotated[str, Field(pattern=rf"^({MONTH.pattern})?$", description="Such as 2026-11; this month without one.")]
Node = Annotated[str, Field(max_length=200)]


class LevelsOut(Schema):
    """Enterprises of a town or industry (its key): by level from 0 to 4, and how many are online by the rule."""

    key: str
    levels: list[int]
    online: int
    registered: int


class ReasonOut(Schema):
    """Why enterprises are not online, as a code, and how many."""

    reason: str
    enterprises: int


class OnlineOut(Schema):
    """All enterprises of the register. ``levels`` are those of now, ``online`` holds for the month; ``heard``: when the
    host last wrote, null for never; ``origins``: marks on any of them."""

    at: datetime
    running: bool
    heard: datetime | None
    month: str
    promised: int
    registered: int
    online: int
    levels: list[int]
    why_not: list[ReasonOut]
    towns: list[LevelsOut]
    industries: list[LevelsOut]
    origins: list[str]


class HourOut(Schema):
    """An hour of an enterprise: ``level`` after doubts, ``before`` without them; seconds that are ``working`` time;
    ``reason``: code of why the next level was not reached."""

    begins: datetime
    level: int
    before: int
    working: int
    reason: str
    doubts: list[str]


class HoursOut(Schema):
    """The hours of an enterprise in a month that are known, and its verdict so far."""

    node: str
    entity: str
    month: str
    online: bool
    days: int
    challenges: int
    reason: str
    origin: str
    hours: list[HourOut]


@operation(router, "GET", "/online", OnlineOut, Action.SEE_AGGREGATES)
def online(request: HttpRequest, month: Month = "") -> OnlineOut:
    """How many enterprises are online, by level, town and industry, and why not the rest."""
    head, now = current.head(), known.now()
    city = current.city(head)
    wall = known.wall(head, month or month_at(now, city.zone), now)
    goal = promised(city)
    return OnlineOut(
        at=_moment(now),
        running=wall.running,
        heard=_moment(wall.heard) if wall.heard is not None else None,
        month=wall.month,
        promised=goal,
        registered=len(wall.standings),
        online=wall.online,
        levels=list(by_level(wall.standings).values()),
        why_not=[ReasonOut(reason=code, enterprises=many) for code, many in why_not(wall.standings, goal)],
        origins=sorted(wall.origins),
        **{
            name: [
                LevelsOut(key=key, levels=list(levels.values()), online=holds, registered=many)
                for key, levels, holds, many in table(wall.standings, by)
            ]
            for name, by in (("towns", "town"), ("industries", "industry"))
        },
    )


@operation(router, "GET", "/online/{node}/hours", HoursOut, Action.SEE_MICRODATA, known.subject)
def hours(request: HttpRequest, node: Node, month: Month = "") -> HoursOut:
    """The hours of one enterprise in a month."""
    head, now = current.head(), known.now()
    city = current.city(head)
    asked = month or month_at(now, city.zone)
    found = [each for each in known.wall(head, asked, now).standings if each.node == node]
    if not found:
        raise Failure(404)
    log(request, "microdata seen", found[0].entity, month=asked)
    store = known.store()
    rows = store.hours(*bounds(asked, city.zone), node=node).to_pylist() if store is not None else []
    same = ("level", "before", "working", "reason", "doubts")
    return HoursOut(
        month=asked,
        hours=[HourOut(begins=_moment(row["hour"]), **{name: row[name] for name in same}) for row in rows],
        **{
            name: getattr(found[0], name)
            for name in ("node", "entity", "online", "days", "challenges", "reason", "origin")
        },
    )


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC)
