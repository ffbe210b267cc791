"""Key performance indicators of machines: kpi."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
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
    from shazhou.methods.iso22400 import Kpi
    from shazhou.telemetry.kpi.machines import MachineKpis

NOT_A_MOMENT = Rule(
    "not-a-moment",
    "{found} is no day or time.",
    "{found} 不是有效的日期或时间。",
    "Write 2026-11-01 or 2026-11-01T08:00, in the city's zone, of the year 2000 or later.",
    "请写成 2026-11-01 或 2026-11-01T08:00（城市所在时区），不早于 2000 年。",
)
BACKWARD = Rule(
    "window-backward",
    "The window ends at {found}, before it begins.",
    "时间窗口在开始之前就结束（{found}）。",
    "Give a --to that is later than --from.",
    "请使 --to 晚于 --from。",
)

NAMES = {
    "availability": ("可用率", "availability", "%"),
    "effectiveness": ("性能率", "effectiveness", "%"),
    "quality_ratio": ("合格率", "quality ratio", "%"),
    "oee": ("设备综合效率", "OEE", "%"),
    "nee": ("设备净效率", "NEE", "%"),
    "utilisation_efficiency": ("利用效率", "utilisation", "%"),
    "allocation_efficiency": ("分配效率", "allocation", "%"),
    "allocation_ratio": ("分配率", "allocation ratio", "%"),
    "technical_efficiency": ("技术效率", "technical eff.", "%"),
    "setup_ratio": ("准备时间率", "setup ratio", "%"),
    "scrap_ratio": ("废品率", "scrap ratio", "%"),
    "mtbf": ("平均失效间隔 h", "MTBF h", "h"),
    "mttr": ("平均修复时间 min", "MTTR min", "min"),
    "energy_per_unit": ("单位产品能耗 kWh", "kWh/piece", ""),
}
_BESIDE = (
    *("availability", "effectiveness", "quality_ratio", "oee", "utilisation_efficiency", "allocation_efficiency"),
    *("mtbf", "mttr", "energy_per_unit"),
)
_SCALE = {"%": 100.0, "h": 1 / 3600, "min": 1 / 60, "": 1.0}
_ORIGINS = {"simulated": ("模拟", "simulated"), "recorded": ("录制", "recorded")}


@app.command()
def kpi(
    node: Annotated[str, typer.Argument(help="Edge node: the enterprise's key. 节点")] = "",
    device: Annotated[str, typer.Argument(help="Its machine. 设备")] = "",
    start: Annotated[str, typer.Option("--from", help="Day or time; default today. 起始")] = "",
    stop: Annotated[str, typer.Option("--to", help="Day or time before which it ends; default now. 截止（不含）")] = "",
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
    lang: Lang = DEFAULT_LANG,
    json: Json = False,
) -> None:
    """Indicators of machines after ISO 22400-2: OEE and others; what is missing for them is told. 设备绩效指标"""
    english = language(lang) == "en"
    with working("computing"):
        from shazhou.city.calendar import Calendar
        from shazhou.city.folder import read_city
        from shazhou.cli.machines import NO_SUCH_NODE
        from shazhou.ledger.ledger import Ledger
        from shazhou.telemetry.enrolment import enrolled
        from shazhou.telemetry.kpi.machines import machine_kpis
        from shazhou.telemetry.store.store import Store, folder_of

        definitions = read_city(city)
        window = _window(start, stop, ZoneInfo(definitions.zone))
        register = enrolled(Ledger.open(data), definitions)
        usual = Calendar.parse(definitions.presence.hours, definitions.zone)

        def calendar_of(each: str) -> Calendar:
            return register[each].calendar(definitions) if each in register else usual

        first, last = (round(moment.timestamp() * 1000) for moment in window)
        with Store.open(folder_of(data)) as store:
            found = list(machine_kpis(store, calendar_of, first, last, node, device))
    if node and node not in register and not found:
        raise Refused([Problem(NO_SUCH_NODE, Where(), node)])
    if json:
        show({"from": window[0].isoformat(), "to": window[1].isoformat(), "machines": [_data(each) for each in found]})
    elif len(found) == 1:
        typer.echo("\n".join(_one(found[0], english)))
    elif found:
        typer.echo("\n".join(_table(found, english)))
    else:
        typer.echo("no minutes of a machine in this window 该时段没有设备数据")


def _window(start: str, stop: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The window that was asked for, as far as it is over; a minute that has begun is not in it."""
    now = datetime.now(zone)
    first = _moment(start, zone) if start else now.replace(hour=0, minute=0, second=0, microsecond=0)
    last = min(_moment(stop, zone) if stop else now, max(now, first + timedelta(minutes=1)))
    first, last = (moment.replace(second=0, microsecond=0) for moment in (first, last))
    if last <= first:
        raise Refused([Problem(BACKWARD, Where(), last.isoformat())])
    return first, last


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused([Problem(NOT_A_MOMENT, Where(), text)]) from None
    if not 2000 <= moment.year < datetime.max.year:
        raise Refused([Problem(NOT_A_MOMENT, Where(), text)])
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _data(each: MachineKpis) -> dict[str, Any]:
    return {
        "node": each.node,
        "device": each.device,
        "origins": each.time.origins,
        "kpis": {name: asdict(found) for name, found in each.kpis.items()},
        "elements": each.time.elements,
        "all_hours": each.time.energy,
        "unknown": each.time.unknown,
        "outside": each.time.outside,
        "left_out": each.time.left_out,
        "incomplete": each.time.incomplete,
    }


def _one(each: MachineKpis, english: bool) -> list[str]:
    """A machine in lines: every indicator, then what it rests on."""
    lines = [f"{each.node} {each.device}{_origin(each, english)}"]
    lines += [
        f"  {_padded(_name(name, english), 18)} {_text(name, found):>10}  {_why(found, english)}".rstrip()
        for name, found in each.kpis.items()
    ]
    lines.append(
        "  " + "  ".join(f"{name} {value:,.6g}" for name, value in each.time.elements.items() if value is not None)
    )
    unknown, outside = (f"{seconds / 3600:,.2f} h" for seconds in (each.time.unknown, each.time.outside))
    lines.append(
        f"  unknown within working hours {unknown}, executing outside them {outside}"
        if english
        else f"  工作时间内未知 {unknown}，工作时间外运行 {outside}"
    )
    if each.time.left_out:
        lines.append(f"  {_left_out(each, english)}")
    if each.time.incomplete:
        lines.append(
            f"  {'not told in every minute' if english else '部分时段缺数'}: {', '.join(each.time.incomplete)}"
        )
    return lines


def _table(found: Iterable[MachineKpis], english: bool) -> list[str]:
    from rich.cells import cell_len

    rows = [["", *(_name(name, english) for name in _BESIDE), "unknown h" if english else "未知 h", ""]]
    for each in found:
        cells = [_text(name, each.kpis[name]) for name in _BESIDE]
        lacking = dict.fromkeys(element for name in _BESIDE for element in each.kpis[name].missing)
        told = f"{'missing' if english else '缺'} {', '.join(lacking)}" if lacking else ""
        told += f"  {_left_out(each, english)}" if each.time.left_out else ""
        unknown = f"{each.time.unknown / 3600:,.2f}"
        rows.append([f"{each.node} {each.device}", *cells, unknown, (told + _origin(each, english)).strip()])
    widths = [max(cell_len(row[place]) for row in rows) for place in range(len(rows[0]))]
    edges = (0, len(rows[0]) - 1)
    return [
        "  ".join(
            _padded(cell, width, place not in edges)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _left_out(each: MachineKpis, english: bool) -> str:
    return (
        f"left out, not signed or in doubt: {each.time.left_out} min"
        if english
        else f"未签名或存疑、不计入 {each.time.left_out} 分钟"
    )


def _padded(text: str, width: int, right: bool = False) -> str:
    from rich.cells import cell_len

    space = " " * (width - cell_len(text))
    return space + text if right else text + space


def _name(name: str, english: bool) -> str:
    return NAMES[name][english]


def _text(name: str, found: Kpi) -> str:
    """The value in the indicator's unit; an exclamation mark for a share above one, a dash for none."""
    if found.value is None:
        return "—"
    unit = NAMES[name][2]
    mark = "!" if found.over_one else ""
    return f"{found.value * _SCALE[unit]:,.{3 if not unit else 1}f}{unit if unit == '%' else ''}{mark}"


def _why(found: Kpi, english: bool) -> str:
    if found.missing:
        return f"{'missing' if english else '缺'} {', '.join(found.missing)}"
    if found.undefined:
        return f"{', '.join(found.undefined)} = 0"
    if found.over_one:
        return "over 100 %: the inputs contradict each other" if english else "超过 100 %：输入数据相互矛盾"
    return ""


def _origin(each: MachineKpis, english: bool) -> str:
    return "".join(f"  {_ORIGINS[origin][english]}" for origin in each.time.origins if origin)
