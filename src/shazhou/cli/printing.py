"""How figures, tables and trails are printed."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.city.unit import UNITS

if TYPE_CHECKING:
    import pyarrow as pa

    from shazhou.city.model import City
    from shazhou.measure.figure import Figure
    from shazhou.measure.trail import Delivered, Observed, Trail

BACKWARD_YEARS = Rule(
    "years-backward",
    "The years {found} end before they begin.",
    "年份区间 {found} 的终点早于起点。",
    "Write the earlier year first, such as 2019:2021.",
    "请把较早的年份写在前面，如 2019:2021。",
)
ROWS_SHOWN = 200
"""How many rows of one submission a printed trail shows."""

WIDE = 10_000
"""Columns where nobody's terminal folds the lines."""

_SIGNS = {"=": "", "": ""}
_MARKS = {
    "provisional": ("初步数", "provisional"),
    "forecast": ("预计数", "forecast"),
    "estimated": ("估计数", "estimated"),
    "disputed": ("来源不一", "sources differ"),
    "simulated": ("模拟", "simulated"),
    "recorded": ("回放", "recorded"),
}


def figure_data(figure: Figure) -> dict[str, Any]:
    """A figure as JSON-ready data; the value is a decimal text."""
    return {"id": figure.id, **asdict(figure)}


def figure_table(figure: Figure) -> pa.Table:
    """A figure as a table of one row, its sources joined."""
    import pyarrow as pa

    data = figure_data(figure)
    data["sources"] = "; ".join(" ".join(filter(None, (s.title, s.date, s.address))) for s in figure.sources)
    data["others"] = "; ".join(f"{o.qualifier}{o.value} ({o.citation.title})" for o in figure.others)
    return pa.Table.from_pylist([data])


def value_text(figure: Figure, language: str) -> str:
    """The value with sign, unit and marks; a dash for none."""
    return "—" if figure.value is None else amount_text(figure, figure.value, figure.unit, language)


def amount_text(figure: Figure, value: Decimal, unit: str, language: str) -> str:
    """The value of a figure in a unit of choice, with the figure's sign and marks."""
    marks = _marks(figure.status, figure.disputed, figure.simulated, figure.recorded, language)
    sign = _SIGNS.get(figure.qualifier, f"{figure.qualifier} ")
    name = UNITS[unit].zh if language == "zh" else UNITS[unit].en
    return f"{sign}{value:,f} {name}".rstrip() + (f" ({', '.join(marks)})" if marks else "")


def figure_title(figure: Figure, city: City, language: str) -> str:
    """What the figure is of: indicator, place, industry, period."""
    name = city.indicators[figure.indicator].name.of(language)
    place = city.places[figure.place].name.of(language) if figure.place in city.places else figure.place
    industry = city.industries[figure.industry].name.of(language) if figure.industry else ""
    return " · ".join(part for part in (name, place, industry, figure.where, figure.period) if part)


def figure_text(figure: Figure, city: City, language: str) -> str:
    """A figure in a few lines."""
    lines = [
        f"{figure_title(figure, city, language)}: {value_text(figure, language)}",
        f"  id {figure.id}  head {figure.head[:12]}",
    ]
    if figure.value is None:
        door = city.indicators[figure.indicator].door
        lines.append(f"  no evidence 暂无证据 (door 入口: {door or '—'})")
    lines += [f"  {s.title}  {s.date}  {s.address}".rstrip() for s in figure.sources]
    lines += [
        f"  ≠ {_SIGNS.get(o.qualifier, o.qualifier)}{o.value:,f}  {o.citation.title}  {o.citation.date}".rstrip()
        for o in figure.others
    ]
    return "\n".join(lines)


def table_data(table: pa.Table, decimals: Mapping[str, int]) -> list[dict[str, Any]]:
    """The rows of a table; each value with the decimals of its indicator."""
    rows: list[dict[str, Any]] = table.to_pylist()
    for row in rows:
        if row["value"] is not None:
            row["value"] = row["value"].quantize(Decimal(1).scaleb(-max(decimals[row["indicator"]], 0)))
    return rows


def table_text(table: pa.Table, city: City, language: str) -> str:
    """A table as aligned text; columns that are empty everywhere are left out."""
    decimals = {each.id: each.decimals for each in city.indicators.values()}
    rows = [["id", "indicator", "place", "industry", "period", "where", "value", "unit", ""]]
    for row in table_data(table, decimals):
        sign = _SIGNS.get(row["qualifier"], row["qualifier"])
        unit = UNITS[row["unit"]]
        rows.append(
            [
                *(row[name] for name in rows[0][:_VALUE]),
                "—" if row["value"] is None else f"{sign}{row['value']:,f}",
                unit.zh if language == "zh" else unit.en,
                ", ".join(_marks(row["status"], row["disputed"], row["simulated"], row["recorded"], language)),
            ]
        )
    kept = [i for i in range(len(rows[0])) if any(row[i] for row in rows[1:])]
    return aligned([[row[i] for i in kept] for row in rows], {kept.index(_VALUE)} if _VALUE in kept else ())


def aligned(rows: Sequence[Sequence[str]], numbers: Collection[int] = ()) -> str:
    """Rows as text in columns; those of numbers are aligned at their right."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    lines = ([_padded(text, widths[i], i in numbers) for i, text in enumerate(row)] for row in rows)
    return "\n".join("  ".join(line).rstrip() for line in lines)


_VALUE = 6


def _padded(text: str, width: int, right: bool) -> str:
    space = " " * (width - cell_len(text))
    return space + text if right else text + space


def _marks(status: str, disputed: bool, simulated: bool, recorded: bool, language: str) -> list[str]:
    words = [_MARKS[status]] if status in _MARKS else []
    words += [_MARKS[name] for name, holds in _origin(disputed, simulated, recorded) if holds]
    return [word[language == "en"] for word in words]


def _origin(disputed: bool, simulated: bool, recorded: bool) -> tuple[tuple[str, bool], ...]:
    return ("disputed", disputed), ("simulated", simulated), ("recorded", recorded)


def trail_data(trail: Trail) -> dict[str, Any]:
    """A trail as JSON-ready data."""
    return {
        "figure": figure_data(trail.figure),
        "indicator": trail.indicator.model_dump(mode="json"),
        "variables": trail.variables,
        "names": trail.names,
        "submissions": [asdict(each) for each in trail.submissions],
        "beside": [asdict(each) for each in trail.beside],
    }


def print_trail(trail: Trail, city: City, language: str) -> None:
    """Prints the tree below a figure."""
    figure, indicator = trail.figure, trail.indicator
    top = Tree(_line(f"{figure_title(figure, city, language)}: {value_text(figure, language)}  [{figure.id}]"))
    formula = top.add(_line(f"formula 公式: {indicator.formula}"))
    for name in trail.variables:
        variable = city.variables[name]
        formula.add(_line(f"{name}: {variable.name.of(language)} ({variable.measure}, {variable.unit})"))
    top.add(_line(f"head 账头: {figure.head}"))
    top.add(_line(f"definitions 定义: {figure.definitions}"))
    for each in trail.submissions:
        _add_submission(top, each, trail.names)
    if trail.beside:
        beside = top.add(_line("stated by other sources 其他来源的同项表述"))
        for each in trail.beside:
            _add_submission(beside, each, trail.names)
    Console(width=None if sys.stdout.isatty() else WIDE, markup=False, highlight=False).print(top)


def _add_submission(tree: Tree, delivered: Delivered, names: Mapping[str, str]) -> None:
    branch = tree.add(_line(_submission_text(delivered)))
    branch.add(_line(f"head 账头: {delivered.head}"))
    branch.add(_line(f"document 文件: {delivered.document_name}  sha256 {delivered.document}"))
    if delivered.erased:
        branch.add(_line(f"document erased 文件已依令删除: {delivered.erased}"))
    for seen in delivered.observations[:ROWS_SHOWN]:
        leaf = branch.add(_line(_observed_text(seen, names)))
        leaf.add(_line(_joined(seen.citation.title, seen.citation.date, seen.citation.address)))
        if seen.note:
            leaf.add(_line(seen.note))
    if len(delivered.observations) > ROWS_SHOWN:
        branch.add(_line(f"… {len(delivered.observations) - ROWS_SHOWN:,} more, all with --json 其余见 --json"))


def _line(text: str) -> Text:
    return Text(text, overflow="fold")


def _submission_text(each: Delivered) -> str:
    when = f"{each.recorded_at:%Y-%m-%d %H:%M:%S} UTC"
    return f"submission 报送 {each.sequence}: {each.title} · {each.deliverer} · {each.door} · {when}"


def _observed_text(seen: Observed, names: Mapping[str, str]) -> str:
    sheet = f" [{seen.sheet}]" if seen.sheet else ""
    sign = seen.qualifier if seen.qualifier != "=" else ""
    content = f"{seen.text}" if seen.text is not None else f"{sign}{seen.given} {seen.unit}"
    about = _joined(seen.entity, names.get(seen.entity, ""), seen.industry)
    origin = f", {seen.origin}" if seen.origin else ""
    stated = f"{seen.variable} · {about} · {seen.period} · {seen.kind} = {content} ({seen.status}{origin})"
    return f"row 行 {seen.row}{sheet}: {stated}"


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def years(periods: list[str]) -> list[str]:
    """Periods with ranges of years (2019:2021) written out.

    Raises:
        Refused: a range ends before it begins.
    """
    found = []
    for text in periods:
        first, colon, last = text.partition(":")
        if colon and first.isdigit() and last.isdigit() and len(first) == len(last) == 4:
            if last < first:
                raise Refused([Problem(BACKWARD_YEARS, Where(column="period"), text)])
            found += [f"{year:04d}" for year in range(int(first), int(last) + 1)]
        else:
            found.append(text)
    return found
