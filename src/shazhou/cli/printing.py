"""How figures, tables and trails are printed."""

from __future__ import annotations

import itertools
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.tree import Tree

from shazhou.city.unit import UNITS

if TYPE_CHECKING:
    import pyarrow as pa

    from shazhou.city.model import City
    from shazhou.measure.figure import Figure
    from shazhou.measure.trail import Trail

_SIGNS = {"=": "", "": ""}
_MARKS = {
    "provisional": ("初步数", "provisional"),
    "forecast": ("预计数", "forecast"),
    "estimated": ("估计数", "estimated"),
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
    if figure.value is None:
        return "—"
    unit = UNITS[figure.unit]
    marks = [_MARKS[figure.status][language == "en"]] if figure.status in _MARKS else []
    marks += [("有争议", "disputed")[language == "en"]] if figure.disputed else []
    marks += [("模拟", "simulated")[language == "en"]] if figure.simulated else []
    sign = _SIGNS.get(figure.qualifier, f"{figure.qualifier} ")
    name = unit.zh if language == "zh" else unit.en
    return f"{sign}{figure.value:,} {name}".rstrip() + (f" ({', '.join(marks)})" if marks else "")


def figure_text(figure: Figure, city: City, language: str) -> str:
    """A figure in a few lines."""
    name = city.indicators[figure.indicator].name.of(language)
    place = city.places[figure.place].name.of(language) if figure.place in city.places else figure.place
    industry = city.industries[figure.industry].name.of(language) if figure.industry else ""
    head = " · ".join(part for part in (name, place, industry, figure.period) if part)
    lines = [f"{head}: {value_text(figure, language)}", f"  id {figure.id}  head {figure.head[:12]}"]
    if figure.value is None:
        door = city.indicators[figure.indicator].door
        lines.append(f"  no evidence 暂无证据 (door 入口: {door or '—'})")
    lines += [f"  {s.title}  {s.date}  {s.address}".rstrip() for s in figure.sources]
    lines += [f"  ≠ {o.qualifier}{o.value}  {o.citation.title}  {o.citation.date}" for o in figure.others]
    return "\n".join(lines)


def table_text(table: pa.Table, city: City, language: str) -> str:
    """A table as aligned text."""
    rows = [("indicator", "place", "industry", "period", "value", "unit", "status", "")]
    for row in table.to_pylist():
        decimals = city.indicators[row["indicator"]].decimals
        value = (
            "—"
            if row["value"] is None
            else f"{_SIGNS.get(row['qualifier'], row['qualifier'])}{row['value']:,.{decimals}f}"
        )
        unit = UNITS[row["unit"]]
        marks = "disputed" if row["disputed"] else ""
        shown = unit.zh if language == "zh" else unit.en
        rows.append(
            (row["indicator"], row["place"], row["industry"], row["period"], value, shown, row["status"], marks)
        )
    widths = [max(len(row[i]) for row in rows) for i in range(8)]
    return "\n".join(
        "  ".join(
            cell.rjust(w) if i == 4 else cell.ljust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def trail_data(trail: Trail) -> dict[str, Any]:
    """A trail as JSON-ready data."""
    return {
        "figure": figure_data(trail.figure),
        "indicator": trail.indicator.model_dump(mode="json"),
        "variables": trail.variables,
        "submissions": [asdict(each) for each in trail.submissions],
    }


def print_trail(trail: Trail, city: City, language: str) -> None:
    """Prints the tree below a figure."""
    figure, indicator = trail.figure, trail.indicator
    top = Tree(
        f"{indicator.name.of(language)} {figure.period}: {value_text(figure, language)}  [{figure.id}]", highlight=False
    )
    top.add(f"formula 公式: {indicator.formula}")
    top.add(f"definitions 定义: {figure.definitions[:12]}  head 账头: {figure.head}")
    for each in trail.submissions:
        branch = top.add(
            f"submission 报送 {each.sequence}: {each.title} · {each.deliverer}"
            f" · {each.recorded_at:%Y-%m-%d %H:%M:%S} UTC"
        )
        branch.add(f"document 文件: {each.document_name}  sha256 {each.document}")
        for seen in each.observations[:200]:
            sheet = f" [{seen.sheet}]" if seen.sheet else ""
            shown = (
                seen.text
                if seen.text is not None
                else f"{seen.qualifier if seen.qualifier != '=' else ''}{seen.given} {seen.unit}"
            )
            leaf = branch.add(
                f"row 行 {seen.row}{sheet}: {seen.variable} {seen.entity} {seen.period} {seen.kind}"
                f" = {shown} ({seen.status})"
            )
            leaf.add(" ".join(filter(None, (seen.citation.title, seen.citation.date, seen.citation.address))))
            if seen.note:
                leaf.add(seen.note)
        if len(each.observations) > 200:
            branch.add(f"… {len(each.observations) - 200:,} more 其余")
    Console(soft_wrap=True, markup=False).print(top)


def years(periods: list[str]) -> list[str]:
    """Periods with ranges of years (2019:2021) written out."""
    found = []
    for text in periods:
        first, colon, last = text.partition(":")
        if colon and first.isdigit() and last.isdigit() and len(first) == len(last) == 4:
            found += [f"{year:04d}" for year in range(int(first), int(last) + 1)]
        else:
            found.append(text)
    return list(itertools.chain(found))
