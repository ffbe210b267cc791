"""Whether enterprises are online, decided from what came: presence compute, presence doubts."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated
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

presence = typer.Typer(help="Whether enterprises are online. 企业在线判定", no_args_is_help=True)
app.add_typer(presence, name="presence")

DayOption = Annotated[str, typer.Option("--day", help="A day, such as 2026-11-26. 日期")]
MonthOption = Annotated[str, typer.Option("--month", help="A month, such as 2026-11; default this. 月份")]

DAY_AND_MONTH = Rule(
    "day-and-month",
    "A day ({found}) and a month ({month}) cannot both be judged at once.",
    "不能同时判定某日（{found}）和某月（{month}）。",
    "Give --day or --month.",
    "请只给出 --day 或 --month 之一。",
)


@presence.command("compute")
def compute_levels(
    day: DayOption = "",
    month: MonthOption = "",
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
    lang: Lang = DEFAULT_LANG,
    json: Json = False,
) -> None:
    """Judge a day or a month anew: levels by hour, doubts, and the month so far. 重新判定"""
    spoken = language(lang)
    if day and month:
        raise Refused([Problem(DAY_AND_MONTH, Where(column="--day"), day, {"month": month})])
    with working("reading the register") as status:
        from shazhou.city.folder import read_city
        from shazhou.ledger.ledger import Ledger
        from shazhou.telemetry.asked import day_asked
        from shazhou.telemetry.enrolment import enrolled
        from shazhou.telemetry.presence.compute import compute
        from shazhou.telemetry.presence.reasons import REASONS
        from shazhou.telemetry.store.store import Store, folder_of

        definitions = read_city(city)
        register = enrolled(Ledger.open(data), definitions)
        today = datetime.now(ZoneInfo(definitions.zone)).date()
        chosen = day_asked(day, "--day", today) if day else _month(month, definitions.zone)
        verdicts = compute(
            Store.open(folder_of(data)),
            definitions,
            register,
            chosen,
            tell=lambda each: status.update(f"judging {each}"),
        )
    if json:
        show([asdict(each) for each in verdicts])
        return
    for each in verdicts:
        said = ("在线" if spoken == "zh" else "online") if each.online else REASONS[each.reason].says(spoken)
        typer.echo(f"{each.node:<24} {each.month}  L{each.highest}  {each.days:>2} d  {each.challenges:>2} c  {said}")
    typer.echo(f"{sum(each.online for each in verdicts)} / {len(verdicts)}")


@presence.command()
def doubts(
    node: Annotated[str, typer.Argument(help="Edge node: the enterprise's key. 节点")] = "",
    month: MonthOption = "",
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
    lang: Lang = DEFAULT_LANG,
    json: Json = False,
) -> None:
    """What lowers a level, with its evidence: what equals what, when, how often. 疑点及证据"""
    spoken = language(lang)
    with working("reading telemetry"):
        from shazhou.city.folder import read_city
        from shazhou.cli.machines import NO_SUCH_NODE
        from shazhou.ledger.ledger import Ledger
        from shazhou.telemetry.enrolment import enrolled
        from shazhou.telemetry.presence.reasons import REASONS
        from shazhou.telemetry.store.store import Store, folder_of

        definitions = read_city(city)
        zone = definitions.zone
        found = Store.open(folder_of(data)).doubts(_month(month, zone), node)
        if node and not found and node not in enrolled(Ledger.open(data), definitions):
            raise Refused([Problem(NO_SUCH_NODE, Where(), node)])
    if json:
        show(found)
        return
    for each in found:
        begin, end = (f"{datetime.fromtimestamp(each[edge] / 1000, ZoneInfo(zone)):%m-%d %H:%M}" for edge in _EDGES)
        sentence = REASONS[f"doubt-{each['kind']}"].says(spoken)
        typer.echo(f"{each['node']} {each['device'] or '*'}  {begin} – {end}  ≤ L{each['lowers_to']}  {sentence}")
        typer.echo("    " + "  ".join(f"{name}={value}" for name, value in each["evidence"].items()))
    if not found:
        typer.echo("无疑点" if spoken == "zh" else "no doubts")


_EDGES = ("start", "stop")


def _month(text: str, zone: str) -> str:
    """The month that was asked for; this one in the city's zone where none was."""
    from shazhou.telemetry.asked import month_asked

    return month_asked(text, "--month") if text else f"{datetime.now(ZoneInfo(zone)):%Y-%m}"
