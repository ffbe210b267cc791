"""Templates: an XLSX sheet to fill in, with drop-downs and the values that the ledger already holds.

One row for each entity, variable and period; where sources have stated a value, one row for each of them. The filled
sheet is loaded with the mapping ``template`` (`shazhou.intake.filled`), which every city has. A row whose value is left
empty states nothing; a value that somebody changes is theirs, so its source must be changed too
(`shazhou.intake.changed`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import ibis
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from shazhou.city.model import City, Variable
from shazhou.city.period import BAD_PERIOD, Period
from shazhou.city.problem import Language, Problem, Refused, Where
from shazhou.city.unit import UNITS, unit_named
from shazhou.intake import rules
from shazhou.intake.cells import put, put_row
from shazhou.intake.errors import UNWRITABLE
from shazhou.intake.filled import COLUMNS, SHEET, TITLES
from shazhou.intake.value import NUMERIC
from shazhou.ledger.engine import connect
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.observation import KINDS, QUALIFIERS, STATUSES

_WIDTHS = (22, 24, 14, 24, 28, 12, 10, 18, 14, 10, 8, 30, 14, 24, 30)
_HEAD = PatternFill("solid", fgColor="FFDCE6F1")
_FILL = PatternFill("solid", fgColor="FFFFFBE6")
_SPARE = 200
"""Rows below the last that have drop-downs too."""

FIRST_LINE = 3
"""The first row to fill in: header and titles stand above."""

Row = dict[str, Any]

_GUIDE: Mapping[Language, tuple[str, ...]] = {
    "zh": (
        "填写黄色单元格；留空表示没有数据。可写约、超、以上、+ 等，含义会保留。",
        "修改已有数值时，请改填您自己的来源（含日期、网址），或清空来源，以载入时的 --source 为准；否则会被退回。",
        "填好后：shazhou load 文件 --mapping template --source 您的来源在 sources.yaml 中的编号",
    ),
    "en": (
        "Fill the yellow cells; empty means that there is none. Words such as about, over, + keep their meaning.",
        "If you change a value, give your own source (with date and address), or clear it: then --source counts. "
        "A changed value that still cites the old source is refused.",
        "When filled: shazhou load FILE --mapping template --source ID, the id of your own source in sources.yaml",
    ),
}


def write_template(
    city: City, ledger: Ledger, variables: Sequence[str], kind: str, period: str, out: Path, language: Language
) -> int:
    """Writes a template; returns its number of rows.

    Args:
        city: definitions.
        ledger: gives the entities of the kind, and what is known.
        variables: ids of the variables to ask for.
        kind: kind of the entities, such as place or enterprise.
        period: the period to ask for; several are separated by commas.
        out: the file to write.
        language: of titles and names.

    Raises:
        Refused: a variable is unknown or not observed of the kind, a period wrong, or the file is no XLSX or cannot be
            written.
    """
    if out.suffix.lower() != ".xlsx":
        raise Refused([Problem(rules.NOT_XLSX, Where("--out"), str(out))])
    periods = [each.strip() for each in period.split(",")]
    _checked(city, variables, kind, periods)
    known, named = _known(ledger, variables, periods, kind)
    if kind == "place":
        inside = city.descendants(city.root)
        named = {place.entity: place.name.of(language) for key, place in city.places.items() if key in inside}
    rows = [
        row
        for entity, each, when in product(sorted(named), variables, periods)
        for row in _rows(
            entity, named[entity], city.variables[each], when, known.get((entity, each, when), ()), language
        )
    ]
    asked = [city.variables[each] for each in variables]
    try:
        workbook_of(city, rows, asked, list(named), _GUIDE[language], language).save(out)
    except OSError:
        raise Refused([Problem(UNWRITABLE, Where(str(out)), str(out))]) from None
    return len(rows)


def workbook_of(
    city: City,
    rows: Sequence[Row],
    variables: Sequence[Variable],
    entities: Sequence[str],
    guide: Sequence[str],
    language: Language,
) -> Workbook:
    """A workbook with a sheet to fill in.

    Args:
        city: definitions.
        rows: what stands in the sheet, by column of `shazhou.intake.filled`.
        variables: what may be stated.
        entities: of whom.
        guide: sentences for whoever fills it in.
        language: of titles and names.
    """
    workbook = Workbook()
    page = workbook.worksheets[0]
    page.title = SHEET
    put_row(page, 1, COLUMNS)
    put_row(page, 2, TITLES[language])
    for line, row in enumerate(rows, FIRST_LINE):
        for column, name in enumerate(COLUMNS, 1):
            put(page, line, column, row.get(name))
    _dress(page, len(rows))
    _notes(workbook, variables, guide)
    _choices(workbook, page, city, rows, variables, entities, language)
    return workbook


def _checked(city: City, variables: Sequence[str], kind: str, periods: Sequence[str]) -> None:
    problems = [Problem(rules.UNKNOWN_VARIABLE, Where("--variables"), v) for v in variables if v not in city.variables]
    for variable in (city.variables[each] for each in variables if each in city.variables):
        if kind not in variable.of:
            values = {"variable": variable.id, "kind": kind, "allowed": ", ".join(variable.of)}
            problems.append(Problem(rules.WRONG_KIND, Where("--kind"), kind, values))
    for period in periods:
        try:
            Period.parse(period)
        except ValueError:
            problems.append(Problem(BAD_PERIOD, Where("--period"), period))
    if problems:
        raise Refused(problems)


def _known(
    ledger: Ledger, variables: Sequence[str], periods: Sequence[str], kind: str
) -> tuple[dict[tuple[str, str, str], list[Row]], dict[str, str]]:
    """What is stated of what is asked for, by entity, variable and period; and the entities with their names."""
    connection = connect()
    stated = (
        ledger.observations(connection).filter(ibis._.entity.startswith(f"{kind}:")).order_by("sequence", "position")
    )
    wanted = stated.filter(stated.variable.isin(list(variables)), stated.period.isin(list(periods)))
    naming = stated.filter(stated.variable.isin(["alias", "name"]), stated.text.notnull())
    rows, names = connection.to_pyarrow(wanted).to_pylist(), connection.to_pyarrow(naming).to_pylist()
    connection.disconnect()
    newest = {(r["entity"], r["variable"], r["period"], r["industry"], r["kind"], r["source"]): r for r in rows}
    known: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for (entity, variable, period, *_), row in newest.items():
        if row["value"] is not None or row["text"] is not None:
            known[entity, variable, period].append(row)
    called = {row["entity"]: row["text"] for row in sorted(names, key=lambda row: str(row["variable"]))}
    return known, called


def _rows(
    entity: str, name: str, variable: Variable, period: str, known: Iterable[Row], language: Language
) -> list[Row]:
    asked: Row = {
        "entity": entity,
        "entity_name": name,
        "variable": variable.id,
        "variable_name": variable.name.of(language),
        "period": period,
        "unit": unit_shown(variable.unit, language) if variable.type in NUMERIC else None,
    }
    carried = ("industry", "kind", "qualifier", "status", "source", "source_date", "source_address", "note")
    filled = [
        {**asked, **{name: row[name] or None for name in carried}, **_shown(variable, row, language)} for row in known
    ]
    return filled or [asked | {"kind": "actual"}]


def _shown(variable: Variable, row: Row, language: Language) -> Row:
    """The value in the variable's unit; in its base unit, as text, where a spreadsheet's number could not hold it."""
    if not isinstance(row["value"], Decimal):
        return {"value": str(row["text"])}
    unit = UNITS[variable.unit]
    value = (row["value"] / unit.factor).normalize()
    if len(value.as_tuple().digits) <= 15 and value * unit.factor == row["value"]:
        return {"value": value}
    return {"value": f"{row['value'].normalize():f}", "unit": unit_shown(unit.base, language)}


def unit_shown(unit: str, language: Language) -> str:
    """The unit as people write it, where that is understood when the sheet comes back; else its id."""
    written = UNITS[unit].zh if language == "zh" else ""
    return written if unit_named(written) is UNITS[unit] else unit


def _dress(page: Worksheet, rows: int) -> None:
    page.freeze_panes = "A3"
    for cell in (*page[1], *page[2]):
        cell.font, cell.fill = Font(bold=True), _HEAD
    for number, width in enumerate(_WIDTHS, 1):
        page.column_dimensions[get_column_letter(number)].width = width
    value = COLUMNS.index("value") + 1
    for line in range(FIRST_LINE, rows + FIRST_LINE):
        page.cell(line, value).fill = _FILL
        page.cell(line, value).alignment = Alignment(horizontal="right")
        page.cell(line, COLUMNS.index("period") + 1).number_format = "@"


def _choices(
    workbook: Workbook,
    page: Worksheet,
    city: City,
    rows: Sequence[Row],
    variables: Sequence[Variable],
    entities: Sequence[str],
    language: Language,
) -> None:
    """Drop-downs, whose lists stand on a hidden sheet (a list inside a cell's rule may have 255 characters at most)."""
    lists = workbook.create_sheet("lists")
    lists.sheet_state = "hidden"
    bases = {UNITS[each.unit].base for each in variables if each.type in NUMERIC}
    units = [unit_shown(unit.id, language) for unit in UNITS.values() if unit.base in bases]
    last = len(rows) + FIRST_LINE - 1 + _SPARE
    whole: dict[str, Sequence[str]] = {
        "entity": sorted(entities),
        "industry": sorted(city.industries),
        "variable": [each.id for each in variables],
        "kind": KINDS,
        "unit": units,
        "qualifier": QUALIFIERS,
        "status": STATUSES,
    }
    for column, choices in whole.items():
        _drop_down(lists, page, column, choices, [(FIRST_LINE, last)])
    coded = {each.id: each.values for each in variables if each.values}
    for variable, choices in coded.items():
        lines = [(line, line) for line, row in enumerate(rows, FIRST_LINE) if row["variable"] == variable]
        _drop_down(lists, page, "value", choices, lines)


def _drop_down(
    lists: Worksheet, page: Worksheet, column: str, choices: Sequence[str], lines: Iterable[tuple[int, int]]
) -> None:
    if not choices:
        return
    number = lists.max_column + 1 if lists.cell(1, 1).value else 1
    for line, choice in enumerate(choices, 1):
        put(lists, line, number, choice)
    letter = get_column_letter(number)
    rule = DataValidation(type="list", formula1=f"lists!${letter}$1:${letter}${len(choices)}", allow_blank=True)
    rule.showErrorMessage = True
    page.add_data_validation(rule)
    at = get_column_letter(COLUMNS.index(column) + 1)
    for first, last in lines:
        rule.add(f"{at}{first}:{at}{last}")


def _notes(workbook: Workbook, variables: Sequence[Variable], guide: Sequence[str]) -> None:
    page = workbook.create_sheet("说明 notes")
    for number, line in enumerate(guide, 1):
        put(page, number, 1, line)
    head = ("variable", "中文", "English", "type", "unit", "minimum", "maximum", "values", "note")
    first = len(guide) + 2
    put_row(page, first, head)
    for number, each in enumerate(variables, first + 1):
        bounds = ["" if bound is None else str(bound) for bound in (each.minimum, each.maximum)]
        names = (each.id, each.name.zh, each.name.en, each.type, each.unit)
        put_row(page, number, (*names, *bounds, " | ".join(each.values), each.note))
