"""Commands about the programme: targets, report."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shazhou.city.unit import UNITS
from shazhou.cli.app import (
    DEFAULT_CITY,
    DEFAULT_DATA,
    DEFAULT_LANG,
    AsOfOption,
    CityFolder,
    Data,
    Json,
    Lang,
    app,
    language,
    show,
    working,
)
from shazhou.cli.measuring import measure_of

if TYPE_CHECKING:
    from shazhou.city.model import City
    from shazhou.programme.target import TargetStatus

_COURSE = {
    "reached": "已达到",
    "missed": "未达到",
    "on course": "进度正常",
    "behind": "进度滞后",
    "open": "进行中",
    "unproved": "已到期，待证",
    "no evidence": "暂无证据",
}
_TOLD = ("qualifier", "status", "disputed", "simulated", "recorded")
"""What a figure says of its value, told beside the value."""

_PACES = {"month": ("每月", "a month"), "year": ("每年", "a year")}
_SIGNS = {">=": "≥", ">": ">", "<=": "≤", "<": "<", "=": "="}


@app.command()
def targets(
    headline: Annotated[bool, typer.Option("--headline", help="Only the headline targets. 仅主要目标")] = False,
    today: Annotated[str, typer.Option("--today", help="The day to judge by; default today. 评判日期")] = "",
    as_of: AsOfOption = "",
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
    lang: Lang = DEFAULT_LANG,
    json: Json = False,
) -> None:
    """What was promised and how far it has come. 目标进展"""
    spoken = language(lang)
    try:
        day = date.fromisoformat(today) if today else date.today()
    except ValueError:
        raise typer.BadParameter("YYYY-MM-DD", param_hint="--today") from None
    with working("computing"):
        from shazhou.programme.target import statuses

        measure = measure_of(data, city, as_of)
        found = [each for each in statuses(measure, day) if each.target.headline or not headline]
    if json:
        show([_data(each) for each in found])
        return
    for each in found:
        typer.echo(_lines(each, measure.city, spoken))


@app.command()
def report(
    year: Annotated[int, typer.Argument(min=1900, max=2999, help="The year. 年份")],
    out: Annotated[Path, typer.Option("--out", help="Folder to write to. 输出文件夹")],
    as_of: AsOfOption = "",
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
    lang: Lang = DEFAULT_LANG,
    json: Json = False,
) -> None:
    """Write the work report of a year as XHTML (inline XBRL), PDF and DOCX. 生成工作报告"""
    spoken = language(lang)
    with working(f"writing the report of {year}") as status:
        from shazhou.report.build import build

        measure = measure_of(data, city, as_of)
        files = build(measure, year, spoken, out, date.today(), lambda step: status.update(step))
    if json:
        show({"ok": True, "head": measure.head, **{name: str(path) for name, path in files._asdict().items()}})
        return
    for path in files:
        typer.echo(f"{path}")


def _data(status: TargetStatus) -> dict[str, Any]:
    figure, expected = status.figure, status.expected
    return {
        **status.target.model_dump(mode="json"),
        "promised_on": status.promised_on,
        "deadline": status.deadline,
        "value_so_far": status.value,
        "figure": figure.id if figure else None,
        "figure_period": figure.period if figure else None,
        **{name: getattr(figure, name) if figure else None for name in _TOLD},
        "share_percent": status.share,
        "needed": status.needed,
        "needed_per": status.needed_per or None,
        "expected": expected.value if expected else None,
        "expected_qualifier": expected.qualifier if expected else None,
        "course": status.course,
        "door": status.door,
    }


def _lines(status: TargetStatus, city: City, spoken: str) -> str:
    from shazhou.cli.printing import amount_text, value_text
    from shazhou.report.words.naming import DOORS

    target, english = status.target, spoken == "en"

    def words(zh: str, en: str) -> str:
        return en if english else zh

    def amount(value: Decimal) -> str:
        return f"{value:,f} {words(UNITS[target.unit].zh, UNITS[target.unit].en)}".rstrip()

    where = [city.places[target.place].name.of(spoken)] if target.place != city.root else []
    where += [city.industries[target.industry].name.of(spoken)] if target.industry else []
    title = " · ".join([target.name.of(spoken), *where])
    due = words("未写明期限", "no date given") if target.undated else f"{words('期限', 'due')} {status.deadline}"
    parts = [f"{words('承诺', 'promised')} {_SIGNS[target.direction]} {amount(target.value)}", due]
    course = words(_COURSE[status.course], status.course)
    if status.figure is None or status.value is None:
        door = DOORS.get(status.door, (status.door, status.door))[english]
        parts.append(words(f"{course}（待入口：{door}）", f"no evidence yet; it would come through {door}"))
    else:
        so_far = amount_text(status.figure, status.value, target.unit, spoken)
        parts.append(f"{words('目前', 'so far')} {so_far} ({status.figure.period})")
        parts += [f"{status.share} %"] if status.share is not None else []
        parts.append(course)
    if status.needed is not None:
        pace = _PACES[status.needed_per][english]
        parts.append(words(f"{pace}需 {amount(status.needed)}", f"needs {amount(status.needed)} {pace}"))
    if status.expected is not None:
        parts.append(f"{words('预计', 'forecast')} {value_text(status.expected, spoken)}")
    source = city.sources[target.source]
    return "\n".join([title, "  " + "  |  ".join(parts), f"  {source.title}  {source.date}".rstrip()])
