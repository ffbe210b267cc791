"""The work report of the city that ships with the source, composed once per process: a real document for tests.

from report.zhangjiagang_report import document
document("zh").blocks
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from shazhou.city.folder import parse_city, read_files
from shazhou.city.model import City
from shazhou.intake.load import load_evidence
from shazhou.ledger.ledger import Ledger
from shazhou.measure.measure import Measure
from shazhou.report.composing import Draft, compose
from shazhou.report.document import Document
from shazhou.report.template import read_template

FOLDER = Path(__file__).parents[2] / "cities" / "zhangjiagang"
TODAY = date(2022, 3, 1)


def ledger_of(files: Mapping[str, bytes] | None = None) -> Ledger:
    """A ledger with the city's evidence, in a folder that goes when the process ends."""
    folder = Path(tempfile.mkdtemp(prefix="shazhou-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    ledger = Ledger.create(folder / "ledger")
    load_evidence(ledger, parse_city(files or read_files(FOLDER)), FOLDER, "test", lambda name: None)
    return ledger


@cache
def measure() -> Measure:
    """Figures of the city."""
    return Measure(ledger_of())


def city() -> City:
    """The city's definitions."""
    return measure().city


@cache
def draft(language: Literal["zh", "en"] = "zh", year: int = 2021) -> Draft:
    """The composed report with what its checks need."""
    return compose(measure(), read_template(measure().city.files, language), year, language, TODAY)


def document(language: Literal["zh", "en"] = "zh", year: int = 2021) -> Document:
    """The composed report."""
    return draft(language, year).document
