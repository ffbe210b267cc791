"""Loading into a ledger: whole or not at all, and once however often."""

from __future__ import annotations

from pathlib import Path

import ibis
import pytest
from intake_city import CITY, another_city, city_with, city_with_evidence, figures

from shazhou.city.folder import unpack
from shazhou.city.problem import Refused
from shazhou.intake.entity import Names
from shazhou.intake.load import load_definitions, load_evidence, load_file
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.withdraw import withdraw


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.create(tmp_path / "ledger")


def write(folder: Path, text: str, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def count(ledger: Ledger) -> int:
    connection = ibis.duckdb.connect()
    return int(ledger.observations(connection).count().to_pyarrow().as_py())


def test_a_document_is_loaded_after_its_definitions(ledger: Ledger, tmp_path: Path) -> None:
    file = write(tmp_path, figures("city,gdp,1,,2021,"))
    submission = load_file(ledger, CITY, file, "figures", "bureau", "somebody")
    assert [each.door for each in ledger.submissions()] == ["definitions", "file"]
    assert (submission.count, submission.deliverer, submission.document_name) == (1, "somebody", "a.csv")
    assert ledger.document(submission.document) == file.read_bytes()


def test_loading_again_is_the_same_submission(ledger: Ledger, tmp_path: Path) -> None:
    file = write(tmp_path, "firm,output,period\n甲,5,2021\n")
    first = load_file(ledger, CITY, file, "output", "bureau")
    assert load_file(ledger, CITY, file, "output", "bureau") == first
    assert len(ledger.submissions()) == 2


def test_a_refused_document_leaves_the_ledger_as_it_was(ledger: Ledger, tmp_path: Path) -> None:
    file = write(tmp_path, figures("city,gdp,1,,2021,", "city,gdp,x,,2022,"))
    with pytest.raises(Refused):
        load_file(ledger, CITY, file, "figures", "bureau")
    assert ledger.submissions() == ()


def test_a_missing_file_is_refused(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        load_file(ledger, CITY, tmp_path / "none.csv", "figures", "bureau")


def test_definitions_are_submitted_whenever_they_are_not_the_newest(ledger: Ledger) -> None:
    other = city_with(more="title: {zh: 一, en: One}\n")
    first = load_definitions(ledger, CITY, "me")
    assert first is not None and load_definitions(ledger, CITY, "me") is None
    assert load_definitions(ledger, other, "me") is not None
    back = load_definitions(ledger, CITY, "me")
    assert back is not None and back.id != first.id
    archive = ledger.definitions()
    assert archive is not None and unpack(archive) == CITY.files


def test_names_come_back_from_the_ledger(ledger: Ledger, tmp_path: Path) -> None:
    load_file(ledger, CITY, write(tmp_path, "firm,output,period\n甲,5,2021\n"), "output", "bureau")
    load_file(ledger, CITY, write(tmp_path, "firm,output,period\n甲,6,2022\n乙,1,2022\n", "b.csv"), "output", "bureau")
    names = Names.of(CITY, ledger)
    assert len(names.entities("enterprise", "甲")) == 1
    assert len(names.all("enterprise")) == 2
    assert count(ledger) == 5


def test_a_withdrawn_name_stands_for_nobody(ledger: Ledger, tmp_path: Path) -> None:
    loaded = load_file(ledger, CITY, write(tmp_path, "firm,output,period\n甲,5,2021\n"), "output", "bureau")
    withdraw(ledger, loaded.id, "wrong firm", "me")
    assert Names.of(CITY, ledger).entities("enterprise", "甲") == []


def test_warnings_are_told_to_the_deliverer(ledger: Ledger, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes("firm,output,period\n甲,5,2021\n甲,5,2021\n".encode("gb18030"))
    told: list[str] = []
    load_file(ledger, CITY, file, "output", "bureau", warn=lambda warning: told.append(warning.rule.id))
    assert told == ["csv-read-as", "stated-again"]


def test_a_changed_document_is_delivered_again_and_an_unchanged_one_is_not(ledger: Ledger, tmp_path: Path) -> None:
    folder = tmp_path / "city"
    (folder / "evidence").mkdir(parents=True)
    listed = city_with_evidence("a.csv", "b.csv")
    write(folder / "evidence", "firm,output,period\n甲,5,2021\n")
    write(folder / "evidence", "firm,output,period\n乙,5,2021\n", "b.csv")
    load_evidence(ledger, listed, folder)
    assert [each.document_name for each in ledger.submissions()] == ["tiny.zip", "a.csv", "b.csv"]
    head = ledger.head()
    load_evidence(ledger, listed, folder)
    assert ledger.head() == head
    write(folder / "evidence", "firm,output,period\n甲,6,2021\n")
    load_evidence(ledger, listed, folder)
    assert [each.document_name for each in ledger.submissions()][3:] == ["a.csv"]


def test_a_changed_indicator_is_a_submission_of_definitions_and_no_document_is_delivered_again(
    ledger: Ledger, tmp_path: Path
) -> None:
    folder = tmp_path / "city"
    (folder / "evidence").mkdir(parents=True)
    write(folder / "evidence", "firm,output,period\n甲,5,2021\n")
    load_evidence(ledger, city_with_evidence("a.csv"), folder)
    indicator = "output: {name: {zh: 产值, en: Output}, formula: sum(output), unit: cny, decimals: 0}\n"
    load_evidence(ledger, city_with_evidence("a.csv", indicators=indicator), folder)
    assert [each.door for each in ledger.submissions()] == ["definitions", "file", "definitions"]


def test_a_match_that_is_withdrawn_makes_two_of_one_again(ledger: Ledger, tmp_path: Path) -> None:
    load_file(ledger, CITY, write(tmp_path, "firm,output,period\n甲,5,2021\n乙,5,2021\n"), "output", "bureau")
    match = load_file(ledger, CITY, write(tmp_path, "alias,same_as\n甲,乙\n", "m.csv"), "matches", "bureau")
    first, second = (Names.of(CITY, ledger).entities("enterprise", text)[0] for text in "甲乙")
    assert Names.of(CITY, ledger).same(first, second)
    withdraw(ledger, match.id, "two firms after all", "me")
    assert not Names.of(CITY, ledger).same(first, second)


def test_changed_definitions_are_submitted_also_with_a_document_that_is_known(ledger: Ledger, tmp_path: Path) -> None:
    file = write(tmp_path, "firm,output,period\n甲,5,2021\n")
    load_file(ledger, CITY, file, "output", "bureau")
    load_file(ledger, city_with(more="title: {zh: 一, en: One}\n"), file, "output", "bureau")
    assert [each.door for each in ledger.submissions()] == ["definitions", "file", "definitions"]


def test_another_citys_folder_is_refused_and_the_ledger_stays_as_it_was(ledger: Ledger, tmp_path: Path) -> None:
    file = write(tmp_path, "firm,output,period\n甲,5,2021\n")
    load_file(ledger, CITY, file, "output", "bureau")
    head = ledger.head()
    other = another_city()
    for step in (
        lambda: load_definitions(ledger, other, "me"),
        lambda: load_file(ledger, other, file, "output", "bureau"),
        lambda: load_evidence(ledger, other, tmp_path),
    ):
        with pytest.raises(Refused) as refused:
            step()
        (problem,) = refused.value.problems
        assert (problem.rule.id, problem.found) == ("ledger-of-another-city", "other")
        assert "tiny" in problem.says("en") and "tiny" in problem.says("zh")
    assert ledger.head() == head


@pytest.mark.parametrize("rows", [(), (3,)])
def test_what_was_withdrawn_is_stated_again_by_loading_its_document(
    ledger: Ledger, tmp_path: Path, rows: tuple[int, ...]
) -> None:
    file = write(tmp_path, "firm,output,period\n甲,5,2021\n乙,6,2021\n")
    first = load_file(ledger, CITY, file, "output", "bureau")
    withdraw(ledger, first.id, "by mistake", "me", rows)
    again = load_file(ledger, CITY, file, "output", "bureau")
    assert (again.id, again.document) == (f"{first.id}:2", first.document)
    connection = ibis.duckdb.connect()
    stated = ledger.observations(connection).filter(ibis._.sequence == again.sequence, ibis._.variable == "output")
    assert sorted(connection.to_pyarrow(stated).column("given").to_pylist()) == ["5", "6"]
    assert load_file(ledger, CITY, file, "output", "bureau") == again
    assert [each.door for each in ledger.submissions()] == ["definitions", "file", "form", "file"]
    withdraw(ledger, again.id, "wrong after all", "me")
    assert load_file(ledger, CITY, file, "output", "bureau").id == f"{first.id}:3"


def test_evidence_that_was_withdrawn_does_not_come_back_with_the_rest(ledger: Ledger, tmp_path: Path) -> None:
    folder = tmp_path / "city"
    (folder / "evidence").mkdir(parents=True)
    write(folder / "evidence", "firm,output,period\n甲,5,2021\n")
    write(folder / "evidence", "firm,output,period\n乙,5,2021\n", "b.csv")
    listed = city_with_evidence("a.csv", "b.csv")
    _, first, second = load_evidence(ledger, listed, folder)
    withdraw(ledger, first.id, "wrong firm", "me")
    head = ledger.head()
    told: list[str] = []
    assert load_evidence(ledger, listed, folder, warn=lambda warning: told.append(str(warning))) == [second]
    assert ledger.head() == head
    (warning,) = told
    assert "document-withdrawn" in warning and "a.csv" in warning and "wrong firm" in warning
    load_file(ledger, listed, folder / "evidence" / "a.csv", "output", "bureau")
    assert len(load_evidence(ledger, listed, folder)) == 2


@pytest.mark.parametrize("text", ["firm,output,period\n", "firm,output,period\n甲,,2021\n"])
def test_a_document_that_states_nothing_is_refused(ledger: Ledger, tmp_path: Path, text: str) -> None:
    with pytest.raises(Refused) as refused:
        load_file(ledger, CITY, write(tmp_path, text), "output", "bureau")
    assert [each.rule.id for each in refused.value.problems] == ["nothing-stated"]
    assert ledger.submissions() == ()
