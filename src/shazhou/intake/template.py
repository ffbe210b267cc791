"""Templates: an XLSX sheet to fill in, with drop-downs and the values that the ledger already holds.

One row for each entity and variable. The filled sheet is loaded with the mapping ``template``, which every city folder
may define; its columns are `COLUMNS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import ibis
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from shazhou.city.model import City, Variable
from shazhou.city.period import Period
from shazhou.city.problem import Language, Problem, Refused, Where
from shazhou.city.unit import UNITS
from shazhou.intake import rules
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.observation import QUALIFIERS, STATUSES

COLUMNS = (
    "entity",
    "entity_name",
    "variable",
    "variable_name",
    "period",
    "value",
    "unit",
    "qualifier",
    "status",
    "note",
)
_TITLES = {
    "zh": ("主体编号", "主体", "指标项编号", "指标项", "时期", "数值", "单位", "修饰", "状态", "备注"),
    "en": ("entity id", "entity", "variable id", "variable", "period", "value", "unit", "qualifier", "status", "note"),
}
_HEAD = PatternFill("solid", fgColor="FFDCE6F1")
_FILL = PatternFill("solid", fgColor="FFFFFBE6")


def write_template(
    city: City, ledger: Ledger, variables: Sequence[str], kind: str, period: str, out: Path, language: Language
) -> int:
    """Writes a template; returns its number of rows.

    Raises:
        Refused: an unknown variable or a wrong period.
    """
    problems = [Problem(rules.UNKNOWN_VARIABLE, Where("--variables"), v) for v in variables if v not in city.variables]
    try:
        Period.parse(period)
    except ValueError:
        problems.append(Problem(rules.BAD_PERIOD, Where("--period"), period))
    if problems:
        raise Refused(problems)
    known, named = _known(ledger, variables, period, kind)
    if kind == "place":
        named = {place.entity: place.name.of(language) for place in city.places.values()}
    workbook = Workbook()
    page = workbook.worksheets[0]
    page.title = "data"
    page.append(list(COLUMNS))
    page.append([f"# {title}" for title in _TITLES[language]])
    rows = 0
    for entity, name in sorted(named.items()):
        for variable in (city.variables[each] for each in variables):
            page.append(_row(entity, name, variable, period, known.get((entity, variable.id)), language))
            rows += 1
    _dress(workbook, city, variables, rows, language)
    workbook.save(out)
    return rows


def _known(
    ledger: Ledger, variables: Sequence[str], period: str, kind: str
) -> tuple[dict[tuple[str, str], tuple[object, ...]], dict[str, str]]:
    connection = ibis.duckdb.connect()
    stated = ledger.observations(connection).filter(ibis._.kind == "actual")
    wanted = stated.filter(stated.variable.isin(list(variables)), stated.period == period).order_by(
        "sequence", "position"
    )
    known = {
        (row["entity"], row["variable"]): (row["value"], row["text"], row["qualifier"], row["status"], row["source"])
        for row in connection.to_pyarrow(wanted).to_pylist()
    }
    naming = stated.filter(stated.variable.isin(["name", "alias"]), stated.entity.startswith(f"{kind}:"))
    rows = connection.to_pyarrow(naming.order_by("sequence", "position")).to_pylist()
    connection.disconnect()
    return known, {row["entity"]: row["text"] for row in rows if row["text"]}


def _row(
    entity: str, name: str, variable: Variable, period: str, known: tuple[object, ...] | None, language: Language
) -> list[object]:
    value, text, qualifier, status, source = known or (None, None, "=", "A", "")
    shown = text if not isinstance(value, Decimal) else (value / UNITS[variable.unit].factor).normalize()
    plain = f"{shown:f}" if isinstance(shown, Decimal) else shown
    unit = "" if variable.type == "text" else variable.unit
    return [
        entity,
        name,
        variable.id,
        variable.name.of(language),
        period,
        plain,
        unit,
        qualifier,
        status,
        source or None,
    ]


def _dress(workbook: Workbook, city: City, variables: Sequence[str], rows: int, language: Language) -> None:
    page = workbook.worksheets[0]
    page.freeze_panes = "A3"
    for cell in (*page[1], *page[2]):
        cell.font, cell.fill = Font(bold=True), _HEAD
    for letter, width in zip("ABCDEFGHIJ", (22, 26, 26, 30, 14, 16, 12, 10, 10, 40), strict=True):
        page.column_dimensions[letter].width = width
    for row in page.iter_rows(min_row=3, min_col=6, max_col=6):
        row[0].fill, row[0].alignment = _FILL, Alignment(horizontal="right")
    bases = {UNITS[city.variables[each].unit].base for each in variables}
    units = [unit.id for unit in UNITS.values() if unit.base in bases]
    for column, choices in (("G", units), ("H", list(QUALIFIERS)), ("I", list(STATUSES))):
        choice = DataValidation(type="list", formula1=f'"{",".join(choices)}"', allow_blank=True)
        page.add_data_validation(choice)
        choice.add(f"{column}3:{column}{max(rows + 2, 3)}")
    notes = workbook.create_sheet("说明 notes")
    notes.append(["variable", "中文", "English", "unit", "minimum", "maximum", "note"])
    for variable in (city.variables[each] for each in variables):
        bounds = [None if bound is None else str(bound) for bound in (variable.minimum, variable.maximum)]
        notes.append([variable.id, variable.name.zh, variable.name.en, variable.unit, *bounds, variable.note])
