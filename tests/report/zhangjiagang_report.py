"""The work report of the city that ships with the source, composed once per process: a real document for tests.

from report.zhangjiagang_report import document
document("zh").blocks
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from shazhou.city.folder import read_city
from shazhou.city.model import City
from shazhou.intake.load import load_evidence
from shazhou.ledger.ledger import Ledger
from shazhou.measure.measure import Measure
from shazhou.report.compose.composing import Draft, compose
from shazhou.report.document import Document
from shazhou.report.template.markdown import Settings, Template, parse_template, read_template

FOLDER = Path(__file__).parents[2] / "cities" / "zhangjiagang"
TODAY = date(2022, 3, 1)

Language = Literal["zh", "en"]
Mutation = Callable[[str], str]


def measure_of(**mutations: Mutation) -> Measure:
    """Figures of the city after some of its files were changed: name of the file (``observations``, ``variables``,
    ``work_report_zh``) → what to make of its text. The folder goes when the process ends."""
    folder = Path(tempfile.mkdtemp(prefix="shazhou-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    city = folder / "city"
    shutil.copytree(FOLDER, city)
    for file in sorted(city.rglob("*")):
        mutation = mutations.get(file.stem.replace(".", "_"))
        if mutation is not None:
            text = file.read_text(encoding="utf-8")
            changed = mutation(text)
            assert changed != text, f"the mutation changes nothing in {file.name}"
            file.write_text(changed, encoding="utf-8")
    ledger = Ledger.create(folder / "ledger")
    load_evidence(ledger, read_city(city), city, "test")
    return Measure(ledger)


@cache
def measure() -> Measure:
    """Figures of the city."""
    return measure_of()


def city() -> City:
    """The city's definitions."""
    return measure().city


def template(language: Language = "zh") -> Template:
    """The city's template."""
    return read_template(city().files, language)


def template_of(text: str, language: Language = "zh", settings: Settings | None = None) -> Template:
    """A template of this text, with the city's settings or others."""
    known = template(language)
    settings = settings or known.settings
    return Template("test.md", parse_template(text, "test.md"), settings, settings.terms.get(language, ()))


def draft(language: Language = "zh", year: int = 2021) -> Draft:
    """The composed report with what its checks need."""
    return _draft(language, year)


@cache
def _draft(language: Language, year: int) -> Draft:
    return compose(measure(), template(language), year, language, TODAY)


def draft_of(
    text: str, language: Language = "zh", year: int = 2021, settings: Settings | None = None, of: Measure | None = None
) -> Draft:
    """A report composed of a short template."""
    return compose(of or measure(), template_of(text, language, settings), year, language, TODAY)


def document(language: Language = "zh", year: int = 2021) -> Document:
    """The composed report."""
    return draft(language, year).document
