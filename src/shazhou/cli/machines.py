"""Which enterprises are online, a month of one of them, a day of one of its machines: online."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.cli.app import (
    DEFAULT_CITY,
    DEFAULT_DATA,
    DEFAULT_LANG,
    CityFolder,
    Data,
    Json,
    Lang,
    app,
    language,
    show,
    working,
)

if TYPE_CHECKING:
    from shazhou.city.model import City
    from shazhou.telemetry.enrolment import Enrolled
    from shazhou.telemetry.store.store import Store
    from shazhou.telemetry.wall.day import Day
    from shazhou.telemetry.wall.month import Month
    from shazhou.telemetry.wall.standing import Standing, Wall

NO_SUCH_NODE = Rule(
    "no-such-node",
    "{found} is not in the register of enterprises that connect.",
    "接入登记中没有 {found}。",
    "shazhou online lists those that are.",
    "shazhou online 可列出已登记的节点。",
)


@app.command()
def online(
    node: Annotated[str, typer.Argument(help="Edge node: the enterprise's key. 节点")] = "",
    device: Annotated[str, typer.Argument(help="Its machine. 设备")] = "",
    town: Annotated[str, typer.Option("--town", help="Key or name of a town, with those below it. 区镇")] = "",
    industry: Annotated[str, typer.Option("--industry", help="Key or name of an industry. 产业")] = "",
    level: Annotated[str, typer.Option("--level", help="Only this level, 0 to 4. 等级")] = "",
    month: Annotated[str, typer.Option("--month", help="Month, such as 2026-11; default this. 月份")] = "",
    day: Annotated[str, typer.Option("--day", help="Day of a machine; default today. 日期")] = "",
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
    lang: Lang = DEFAULT_LANG,
    json: Json = False,
) -> None:
    """Which enterprises are online, and why not the rest; a month of one; a day of its machine. 企业在线情况"""
    spoken = language(lang)
    with working("reading telemetry"):
        from shazhou.city.folder import read_city
        from shazhou.cli.machine_text import day_text, month_text, wall_text
        from shazhou.ledger.ledger import Ledger
        from shazhou.telemetry.asked import NO_INDUSTRY, NO_TOWN, level_asked, month_asked
        from shazhou.telemetry.enrolment import enrolled
        from shazhou.telemetry.wall.month import month_at
        from shazhou.telemetry.wall.standing import narrowed

        definitions, now = read_city(city), _now()
        register = enrolled(Ledger.open(data), definitions)
        if node and node not in register:
            raise Refused([Problem(NO_SUCH_NODE, Where(), node)])
        if device:
            of_day = _day(_opened(data), node, device, day, definitions.zone, now)
        else:
            asked = month_asked(month, "--month") if month else month_at(now, definitions.zone)
            wall = _wall(data, register, definitions, asked, now)
    if device:
        show(_day_data(of_day)) if json else typer.echo(day_text(of_day, definitions.zone, spoken))
    elif node:
        of = next(each for each in wall.standings if each.node == node)
        told = _month(_opened(data), node, asked, definitions.zone)
        show(_month_data(of, told)) if json else typer.echo(month_text(of, told, definitions, spoken))
    else:
        towns = _keys(town, definitions.places, definitions.descendants, NO_TOWN, "--town")
        industries = _keys(industry, definitions.industries, definitions.parts, NO_INDUSTRY, "--industry")
        only = level_asked(level, "--level") if level else None
        listed = narrowed(wall.standings, towns, industries, only)
        show(_wall_data(wall, listed, definitions)) if json else typer.echo(
            wall_text(wall, listed, definitions, spoken)
        )


def _now() -> int:
    return int(time.time() * 1000)


def _wall(data: Path, register: Mapping[str, Enrolled], city: City, month: str, now: int) -> Wall:
    """All enterprises as they stand; without a store as nothing was ever heard of any."""
    from shazhou.telemetry.store.journal import FILE
    from shazhou.telemetry.store.store import folder_of
    from shazhou.telemetry.wall.reading import month_verdicts, read_wall

    store = _opened(data) if (folder_of(data) / FILE).exists() else None
    return read_wall(store, register, month_verdicts(store, register, city, month), month, now, city.zone)


def _month(store: Store, node: str, month: str, zone: str) -> Month:
    from shazhou.telemetry.wall.month import month_of

    return month_of(store, node, month, zone)


def _day(store: Store, node: str, device: str, day: str, zone: str, now: int) -> Day:
    from shazhou.telemetry.asked import day_asked
    from shazhou.telemetry.wall.day import day_of

    today = datetime.fromtimestamp(now / 1000, ZoneInfo(zone)).date()
    chosen = day_asked(day, "--day", today) if day else today
    return day_of(store, node, device, chosen, zone)


def _opened(data: Path) -> Store:
    from shazhou.telemetry.store.store import Store, folder_of

    return Store.open(folder_of(data))


def _keys(
    given: str, known: Mapping[str, Any], below: Callable[[str], frozenset[str]], rule: Rule, option: str
) -> frozenset[str]:
    """The keys that a key or name stands for, with those below it; none for nothing given."""
    from shazhou.telemetry.asked import key_asked

    return below(key_asked(given, known, rule, option)) if given else frozenset()


def _wall_data(wall: Wall, listed: Iterable[Standing], city: City) -> dict[str, Any]:
    from shazhou.telemetry.wall.promise import promised
    from shazhou.telemetry.wall.standing import by_level, table, why_not

    def groups(by: str) -> list[dict[str, Any]]:
        rows = table(wall.standings, by)
        return [{by: key, "levels": levels, "online": online, "all": many} for key, levels, online, many in rows]

    goal = promised(city)
    return {
        "at": wall.at,
        "running": wall.running,
        "heard": wall.heard,
        "month": wall.month,
        "promised": goal,
        "registered": len(wall.standings),
        "online": wall.online,
        "levels": by_level(wall.standings),
        "why_not": dict(why_not(wall.standings, goal)),
        "towns": groups("town"),
        "industries": groups("industry"),
        "unknown": wall.unknown,
        "origins": sorted(wall.origins),
        "enterprises": [asdict(each) for each in listed],
    }


def _month_data(of: Standing, told: Month) -> dict[str, Any]:
    days = {
        str(day): [None if hour is None else asdict(hour) for hour in hours] for day, hours in told.days if any(hours)
    }
    return {**asdict(told), "origins": sorted(told.origins), "enterprise": asdict(of), "days": days}


def _day_data(told: Day) -> dict[str, Any]:
    from shazhou.telemetry.wall.day import STATES

    hours = [{**asdict(each), "seconds": dict(zip(STATES, each.seconds, strict=True))} for each in told.hours]
    spans = [{**asdict(each), "state": None if each.state is None else STATES[each.state]} for each in told.ribbon]
    return {**asdict(told), "hours": hours, "ribbon": spans}
