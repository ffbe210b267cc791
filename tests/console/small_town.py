"""A ledger over a small city for tests of trails, documents, the ledger's pages and the report: public statements and
returns of enterprises that are not public, a correction, a withdrawal and an erasure."""

from __future__ import annotations

import atexit
import io
import json
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from small_city import city_files, observations

from shazhou.city.folder import pack
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.observation import SCHEMA
from shazhou.ledger.submission import Delivery
from shazhou.ledger.withdraw import withdraw

INDICATORS = {
    "gdp": ("value(gdp)", "cny", 0),
    "output_of_all": ("sum(output)", "cny", 0),
    "output_stated": ("value(output)", "cny", 0),
    "staff_of_all": ("sum(staff)", "persons", 0),
    "large_ones": ('count(staff >= 20, where=size == "large")', "count", 0),
    "gdp_growth": ("yoy(value(gdp))", "percent", 1),
}
MANY = 250
"""Enterprises whose staff is stated publicly."""

GDP = b"period,gdp\n2019,90\n2020,100\n2021,120\n"
STAFF = "\n".join(["enterprise,staff", *(f"e{n},{n}" for n in range(MANY))]).encode()
LETTER = b"name,telephone\nsomebody,1234\n"
TEMPLATE = {
    "zh": (
        "# {{ name: city }}{{ year }}年工作报告\n\n## 经济\n\n地区生产总值为{{ gdp }}。"
        "上年为{{ gdp period=(year-1) }}。\n\n## 企业\n\n企业产值合计{{ output_of_all }}。\n"
    ),
    "en": (
        "# {{ name: city }}: work report {{ year }}\n\n## Economy\n\nGross domestic product came to {{ gdp }}. "
        "A year earlier it was {{ gdp period=(year-1) }}.\n\n## Enterprises\n\nThe output of enterprises was "
        "{{ output_of_all }}.\n"
    ),
}
MAPPING = {
    "title": {"zh": "产值", "en": "Product"},
    "entity": {"kind": "place", "values_of": "place", "values": {"city": "city"}},
    "observations": [{"variable": "gdp", "period": {"column": "period"}, "value": {"column": "gdp"}}],
}


def definitions(template: dict[str, str] = TEMPLATE) -> bytes:
    """The definitions of the city."""
    files = city_files(INDICATORS)
    sources: dict[str, Any] = json.loads(files["sources.yaml"])
    sources["sources"]["returns"] = {"title": "returns", "rank": "strong", "public": False}
    files["sources.yaml"] = json.dumps(sources).encode()
    files["report/report.yaml"] = b"terms: {zh: [], en: []}\n"
    for language, text in template.items():
        files[f"report/work_report.{language}.md"] = text.encode()
    return pack(files)


def returns_workbook() -> bytes:
    """What three enterprises have reported, as a workbook of two sheets."""
    book = Workbook()
    book.active.title = "notes"
    book.active.append(["nothing here"])
    page = book.create_sheet("output")
    page.append(["enterprise", "output"])
    for name, output in (("a", 500), ("b", 300), ("c", 250)):
        page.append([name, output])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@cache
def shared_town() -> Path:
    """The folder of one such ledger for all tests of a process, which may quote from it but not append to it."""
    folder = Path(tempfile.mkdtemp(prefix="shazhou-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    small_town(folder / "ledger")
    return folder / "ledger"


def small_town(folder: Path, template: dict[str, str] = TEMPLATE) -> Ledger:
    """The ledger: 1 definitions, 2 product, 3 staff, 4 returns, 5 another source's product, 6 a letter, 7 product
    corrected, 8 returns of one enterprise withdrawn, 9 the letter erased."""
    ledger = Ledger.create(folder)
    ledger.append(
        Delivery("definitions", "test", "definitions", "definitions", definitions(template), "test.zip"),
        SCHEMA.empty_table(),
    )
    gdp = {"entity": "place:city", "variable": "gdp", "unit": "cny", "source_address": "https://example.org/gdp"}
    product = [
        {**gdp, "period": year, "value": value, "given": str(value), "row": row}
        for row, (year, value) in enumerate((("2019", 90), ("2020", 100), ("2021", 120)), 2)
    ]
    ledger.append(Delivery("gdp", "bureau", "file", "Product", GDP, "gdp.csv"), observations(product))
    staff = [
        {"entity": f"enterprise:e{n}", "variable": "staff", "unit": "persons", "period": "2021", "value": n}
        | {"given": str(n), "row": n + 2, "source_address": "javascript:alert(1)"}
        for n in range(MANY)
    ]
    placed = [
        {"entity": f"enterprise:e{n}", "variable": "place", "period": "2015", "text": "north"} for n in range(MANY)
    ]
    ledger.append(Delivery("staff", "bureau", "file", "Staff", STAFF, "staff.csv"), observations([*staff, *placed]))
    output = {"variable": "output", "unit": "cny", "period": "2021", "source": "returns", "sheet": "output"}
    returned = [
        {**output, "entity": f"enterprise:{name}", "value": value, "given": str(value), "row": row}
        for row, (name, value) in enumerate((("a", 500), ("b", 300), ("c", 250)), 2)
    ]
    seats = [
        {"entity": f"enterprise:{name}", "variable": "place", "period": "2015", "text": place}
        for name, place in (("a", "north"), ("b", "north"), ("c", "south"))
    ]
    ledger.append(
        Delivery("returns", "town", "form", "Returns of 2021", returns_workbook(), "returns.xlsx", source="returns"),
        observations([*returned, *seats]),
    )
    press = {**gdp, "period": "2021", "value": 118, "given": "118", "source": "press", "note": "heard"}
    ledger.append(Delivery("press", "bureau", "file", "What the press says"), observations([press]))
    ledger.append(
        Delivery("letter", "bureau", "file", "A letter", LETTER, "letter.csv"),
        observations([{**gdp, "period": "2010", "value": 40, "given": "40", "row": 2}]),
    )
    mended = {**gdp, "period": "2021", "value": 125, "given": "125", "row": 2, "status": "P"}
    ledger.append(
        Delivery("gdp-mended", "bureau", "file", "Product, corrected", b"period,gdp\n2021,125\n", "gdp2.csv"),
        observations([mended]),
    )
    withdraw(ledger, "returns", "sent by mistake", "bureau", rows=[4])
    ledger.erase(ledger.submissions()[5].document, "holds a telephone number", "bureau")
    return ledger
