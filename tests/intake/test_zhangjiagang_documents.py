"""The real documents of Zhangjiagang: everything in them comes through the door."""

from __future__ import annotations

import csv
from decimal import Decimal
from typing import Any

import ibis
import pytest
from intake_city import REPOSITORY

from shazhou.city.folder import read_city
from shazhou.city.model import City
from shazhou.city.unit import UNITS
from shazhou.intake.door import delivery_of, understood
from shazhou.intake.entity import Names
from shazhou.intake.load import load_evidence
from shazhou.intake.mapping_check import check_mappings
from shazhou.ledger.ledger import Ledger

FOLDER = REPOSITORY / "cities" / "zhangjiagang"

Row = dict[str, Any]


@pytest.fixture(scope="module")
def city() -> City:
    return read_city(FOLDER)


@pytest.fixture(scope="module")
def ledger(city: City, tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    ledger = Ledger.create(tmp_path_factory.mktemp("zhangjiagang") / "ledger")
    load_evidence(ledger, city, FOLDER, "tester")
    return ledger


@pytest.fixture(scope="module")
def by_document(ledger: Ledger) -> dict[str, dict[int, list[Row]]]:
    connection = ibis.duckdb.connect()
    named = {each.sequence: each.document_name for each in ledger.submissions()}
    found: dict[str, dict[int, list[Row]]] = {}
    for row in connection.to_pyarrow(ledger.observations(connection)).to_pylist():
        found.setdefault(named[row["sequence"]], {}).setdefault(row["row"], []).append(row)
    return found


def records(name: str) -> list[tuple[int, dict[str, str]]]:
    with (FOLDER / "evidence" / name).open(newline="", encoding="utf-8-sig") as file:
        return list(enumerate(csv.DictReader(file), 2))


def test_the_mappings_are_in_order(city: City) -> None:
    assert list(check_mappings(city)) == []


def test_all_evidence_is_one_submission_each_and_loads_once(city: City, ledger: Ledger) -> None:
    assert [each.document_name for each in ledger.submissions()[1:]] == [each.file for each in city.evidence]
    before = ledger.head()
    load_evidence(ledger, city, FOLDER, "tester")
    assert ledger.head() == before


def test_every_field_of_the_360_published_figures_comes_through(by_document: dict[str, dict[int, list[Row]]]) -> None:
    rows = records("observations.csv")
    assert len(rows) == 360
    for number, given in rows:
        (stated,) = [row for row in by_document["observations.csv"][number] if row["variable"] == given["indicator"]]
        assert stated["given"] == given["value"], number
        assert stated["value"] == Decimal(given["value"]) * UNITS[given["unit"]].factor, number
        assert (stated["unit"], stated["kind"], stated["label"]) == (
            given["unit"],
            given["kind"],
            given["indicator_zh"],
        )
        assert (stated["source"], stated["source_date"]) == (given["source_title"], given["source_date"])
        assert (stated["source_address"], stated["note"]) == (given["source_url"], given["note"])
        assert str(stated["start"])[:4] <= given["period"][:4] <= str(stated["end"])[:4], number


def test_the_subject_of_every_published_figure_is_kept(
    by_document: dict[str, dict[int, list[Row]]], city: City
) -> None:
    subjects: dict[str, set[tuple[str, str]]] = {}
    for number, given in records("observations.csv"):
        for row in by_document["observations.csv"][number]:
            if row["variable"] == given["indicator"]:
                subjects.setdefault(given["subject"], set()).add((row["entity"], row["industry"]))
    assert all(len(found) == 1 for found in subjects.values()), subjects
    assert len({found for (found,) in subjects.values()}) == len(subjects)
    assert subjects["city"] == {("place:320582", "")}
    assert subjects["industry:氢能"] == {("place:320582", "hydrogen")}


def test_words_such_as_more_than_are_kept_as_qualifiers(by_document: dict[str, dict[int, list[Row]]]) -> None:
    for number, given in records("observations.csv"):
        if given["note"].startswith(('"over', '"more than')):
            (stated,) = [
                row for row in by_document["observations.csv"][number] if row["variable"] == given["indicator"]
            ]
            assert stated["qualifier"] == ">", (number, given["note"])


@pytest.mark.parametrize(
    "name",
    ["places.csv", "listed_firms.csv", "industrial_enterprises.csv", "enterprises.csv", "projects.csv", "matches.csv"],
)
def test_every_cell_of_the_other_documents_comes_through(
    name: str, by_document: dict[str, dict[int, list[Row]]], city: City, ledger: Ledger
) -> None:
    kept = ("given", "text", "note", "label", "source_address", "source_date", "period", "entity", "source")
    names = Names.of(city, ledger)
    for number, given in records(name):
        texts = {str(row[column]) for row in by_document[name][number] for column in kept}
        texts |= {
            each
            for row in by_document[name][number]
            for each in names.all(row["entity"].partition(":")[0])[row["entity"]]
        }
        texts |= {part for text in texts for part in text.split(" | ")}
        for column, cell in given.items():
            assert not cell or cell in texts or _resolved(cell, texts, names), (number, column, cell)


def _resolved(cell: str, texts: set[str], names: Names) -> bool:
    """Whether a name stands in the texts by the id or key of what it stands for."""
    found = [each for kind in ("enterprise", "place", "industry") for each in names.entities(kind, cell)]
    return any(each in texts or each.partition(":")[2] in texts for each in found)


def test_nothing_is_left_in_the_documents_only(city: City, ledger: Ledger) -> None:
    names = Names.of(city, ledger)
    for each in city.evidence:
        content = (FOLDER / "evidence" / each.file).read_bytes()
        ready = understood(city, names, delivery_of(city, each.file, content, each.mapping, each.source))
        assert [warning for warning in ready.warnings if warning.rule.id == "cell-lost"] == []
