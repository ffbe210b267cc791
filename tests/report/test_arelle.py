"""Arelle opens the report without complaint and extracts exactly its numbers; a changed one is always caught."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest
from arelle_reading import IX, Reading, changed_digit, mutate, read, written
from fact_documents import chance_document, expected, zhangjiagang
from lxml import etree

from shazhou.city.problem import Language
from shazhou.report.document import Document
from shazhou.report.xhtml.taxonomy import names, write_taxonomy
from shazhou.report.xhtml.xhtml import write_xhtml

HOWS = ("digit", "scale", "sign", "contextRef", "unitRef", "decimals", "name")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("arelle")


def opened(folder: Path, home: Path, document: Document, page: bytes | None = None) -> Reading:
    city = zhangjiagang()
    report = written(folder, page or write_xhtml(document, city), write_taxonomy(document, city))
    return read(report, home)


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "language"), [(11, "zh"), (12, "en"), (13, "en")])
def test_arelle_extracts_exactly_the_numbers(seed: int, language: Language, tmp_path: Path, home: Path) -> None:
    document = chance_document(seed, language, 200)
    reading = opened(tmp_path, home, document)
    assert reading.complaints == ()
    found, wanted = Counter(reading.facts), Counter(expected(document, zhangjiagang()))
    assert found - wanted == Counter()
    assert wanted - found == Counter()


def test_the_taxonomy_stands_on_its_own(tmp_path: Path, home: Path) -> None:
    city = zhangjiagang()
    for file, content in write_taxonomy(chance_document(1, "zh"), city).items():
        (tmp_path / file).write_bytes(content)
    reading = read(tmp_path / names(city).schema, home)
    assert reading.complaints == ()
    assert reading.facts == ()


def test_the_taxonomy_is_the_same_for_every_report() -> None:
    city = zhangjiagang()
    assert write_taxonomy(chance_document(1, "zh"), city) == write_taxonomy(chance_document(2, "en"), city)


def test_arelle_is_told_what_is_wrong(tmp_path: Path, home: Path) -> None:
    """It validates: two values of one fact, a member of another dimension and an element that XHTML lacks are seen."""
    document = chance_document(14, "zh")
    root = etree.fromstring(write_xhtml(document, zhangjiagang()))
    fact = next(root.iter(f"{IX}nonFraction"))
    fact.text = changed_digit(Random(0), fact.text)
    member = next(root.iter("{http://xbrl.org/2006/xbrldi}explicitMember"))
    member.text = "city:Kind.target"
    next(root.iter("{http://www.w3.org/1999/xhtml}sup")).tag = "{http://www.w3.org/1999/xhtml}blink"
    complaints = " ".join(opened(tmp_path, home, document, etree.tostring(root)).complaints)
    assert "duplicateFacts" in complaints
    assert "PrimaryItemDimensionallyInvalidError" in complaints
    assert "blink" in complaints


@pytest.mark.slow
@pytest.mark.parametrize("how", HOWS)
def test_one_mutated_number_is_caught(how: str, tmp_path: Path, home: Path) -> None:
    document = chance_document(15, "en")
    assert_caught(document, Random(how), how, tmp_path, home)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100))
def test_mutated_numbers_are_always_caught(seed: int, tmp_path: Path, home: Path) -> None:
    chance = Random(seed)
    assert_caught(chance_document(seed, chance.choice(["zh", "en"])), chance, chance.choice(HOWS), tmp_path, home)


@pytest.mark.slow
def test_with_every_number_mutated_at_once_none_is_taken_for_right(tmp_path: Path, home: Path) -> None:
    document, chance = chance_document(16, "zh"), Random(16)
    page = write_xhtml(document, zhangjiagang())
    before = {fact.id: fact for fact in opened(tmp_path, home, document, page).facts}
    root = etree.fromstring(page)
    for fact in root.iter(f"{IX}nonFraction"):
        mutate(root, fact, chance, chance.choice(HOWS))
    after = {fact.id: fact for fact in opened(tmp_path, home, document, etree.tostring(root)).facts}
    assert before.keys() == after.keys()
    assert [id for id in before if before[id] == after[id]] == []


def assert_caught(document: Document, chance: Random, how: str, folder: Path, home: Path) -> None:
    root = etree.fromstring(write_xhtml(document, zhangjiagang()))
    fact = chance.choice(list(root.iter(f"{IX}nonFraction")))
    mutate(root, fact, chance, how)
    found = Counter(opened(folder, home, document, etree.tostring(root)).facts)
    wanted = Counter(expected(document, zhangjiagang()))
    assert (found - wanted).total() == (wanted - found).total() == 1
