"""The work report of the city that ships with the source, read by Arelle and held against its ledger."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Literal

import pytest
import zhangjiagang_report
from arelle_reading import IX, Reading, mutate, read, written
from fact_documents import expected
from lxml import etree
from page_digits import loose_digits

from shazhou.city.unit import UNITS
from shazhou.report.xhtml.taxonomy import write_taxonomy
from shazhou.report.xhtml.xhtml import write_xhtml

Language = Literal["zh", "en"]


@cache
def page(language: Language) -> bytes:
    return write_xhtml(zhangjiagang_report.document(language), zhangjiagang_report.city())


def opened(folder: Path, language: Language, content: bytes) -> Reading:
    taxonomy = write_taxonomy(zhangjiagang_report.document(language), zhangjiagang_report.city())
    return read(written(folder, content, taxonomy), folder)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_arelle_extracts_exactly_the_numbers_of_the_work_report(language: Language, tmp_path: Path) -> None:
    reading = opened(tmp_path, language, page(language))
    assert reading.complaints == ()
    found = Counter(reading.facts)
    wanted = Counter(expected(zhangjiagang_report.document(language), zhangjiagang_report.city()))
    assert found - wanted == Counter()
    assert wanted - found == Counter()


@pytest.mark.slow
def test_every_fact_is_what_the_ledger_computes_again(tmp_path: Path) -> None:
    again = recomputed("zh")
    reading = opened(tmp_path, "zh", page("zh"))
    assert len(reading.facts) > 200
    assert [fact for fact in reading.facts if not holds(fact, again)] == []


@pytest.mark.slow
@pytest.mark.parametrize("how", ["digit", "scale", "sign"])
def test_a_mutated_number_of_the_work_report_is_not_what_the_ledger_computes(how: str, tmp_path: Path) -> None:
    assert_not_held(Random(how), how, "zh", tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100))
def test_no_mutation_of_the_work_report_is_what_the_ledger_computes(seed: int, tmp_path: Path) -> None:
    chance = Random(seed)
    languages: list[Language] = ["zh", "en"]
    assert_not_held(chance, chance.choice(["digit", "scale", "sign"]), chance.choice(languages), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_digit_of_the_work_report_is_explained(language: Language) -> None:
    assert loose_digits(etree.fromstring(page(language))) == []


@cache
def recomputed(language: Language) -> dict[str, Any]:
    """The figures that the report quotes, computed from the ledger once more, by their id."""
    cells = [each.figure.cell for each in zhangjiagang_report.document(language).quotes]
    return {figure.id: figure for figure in zhangjiagang_report.measure().figures(cells)}


def holds(fact: Any, again: dict[str, Any]) -> bool:
    """Whether a fact states what its figure comes to, or one of the other values that the figure's sources state."""
    figure = again[fact.id.partition(".")[0]]
    if fact.concept == "Statements":
        return bool(fact.value == figure.observations)
    unit = UNITS[figure.unit]
    factor = unit.factor / 100 if figure.unit == "percent" else unit.factor
    others = dict(fact.dimensions).get("StatementDimension")
    value = figure.others[int(others.partition(" ")[0]) - 1].value if others else figure.value
    return bool(fact.concept == figure.indicator and fact.value == value * factor)


def assert_not_held(chance: Random, how: str, language: Language, folder: Path) -> None:
    root = etree.fromstring(page(language))
    chosen = chance.choice([fact for fact in root.iter(f"{IX}nonFraction") if float(fact.text.replace(",", ""))])
    mutate(root, chosen, chance, how)
    again = recomputed(language)
    reading = opened(folder, language, etree.tostring(root))
    assert [fact.id for fact in reading.facts if not holds(fact, again)] == [chosen.get("id")]
