"""What the commands about evidence refuse and tell, as a user meets it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from shell import CITY, COMMAND, Done, shazhou

from shazhou.city.problem import Refused
from shazhou.ledger.ledger import Ledger
from shazhou.measure.measure import Measure
from shazhou.measure.quoted import Quoted

COUNTIES = CITY.parents[1] / "examples" / "us-counties"
PLACES = ("load", CITY / "evidence" / "places.csv", "--mapping", "places", "--source", "places")


def test_a_second_city_is_refused_and_the_figures_of_the_first_still_work(loaded: Path) -> None:
    before = shazhou("submissions", "--json", data=loaded).json
    done = shazhou("load", "--json", data=loaded, city=COUNTIES)
    assert done.status == 1 and done.json["problems"][0]["rule"] == "ledger-of-another-city"
    assert shazhou("submissions", "--json", data=loaded).json == before
    assert shazhou("figure", "gdp", "--period", "2021", data=loaded).status == 0


def test_a_withdrawal_by_mistake_is_mended_by_loading_again(empty: Path) -> None:
    first = shazhou(*PLACES, "--json", data=empty).json[0]
    assert shazhou("withdraw", "2", "--reason", "by mistake", data=empty).status == 0
    again = shazhou(*PLACES, "--json", data=empty).json[0]
    assert again["id"] == f"{first['id']}:2" and again["sequence"] == 4
    assert shazhou(*PLACES, "--json", data=empty).json[0] == again
    assert shazhou("verify", data=empty).status == 0


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        (("match", "--kind", "bogus"), "unknown-kind"),
        (("template", "--variables", "gdp", "--period", "2021", "--out", "never.csv"), "template-name"),
        (("withdraw", "2", "--reason", " "), "reason-blank"),
        (("erase", "0" * 64, "--reason", ""), "reason-blank"),
    ],
)
def test_a_slip_is_refused_by_its_rule(loaded: Path, arguments: tuple[str, ...], rule: str) -> None:
    done = shazhou(*arguments, "--json", data=loaded)
    assert done.status == 1 and [each["rule"] for each in done.json["problems"]] == [rule]
    assert not Path("never.csv").exists()


def test_more_threads_than_any_machine_has_are_no_error(loaded: Path) -> None:
    done = shazhou("figure", "gdp", "--period", "2021", "--threads", "100000", "--json", data=loaded)
    assert (done.status, done.json["value"]) == (0, "3030.21")


@pytest.mark.slow
def test_a_trail_says_that_its_document_was_erased_and_why(empty: Path) -> None:
    assert shazhou("load", data=empty).status == 0
    figure = shazhou("figure", "gdp", "--period", "2021", "--json", data=empty).json
    document = shazhou("trail", figure["id"], "--json", data=empty).json["submissions"][0]
    assert document["erased"] == ""
    assert shazhou("erase", document["document"], "--reason", "order 7 of the court", data=empty).status == 0
    told = shazhou("trail", figure["id"], "--json", data=empty).json["submissions"][0]["erased"]
    assert told.endswith(", tester: order 7 of the court") and told[:2] == "20"
    assert told in shazhou("trail", figure["id"], data=empty).out


def without_permission(*arguments: object, data: Path) -> Done:
    """Runs the command as a user who may write to nothing of the ledger, also where the tests run as root."""
    command = [str(COMMAND), *map(str, arguments)]
    if os.geteuid() == 0:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            pytest.skip("root without setpriv has every permission")
        command = [setpriv, "--bounding-set=-all", "--inh-caps=-all", *command]
    known = {"SHAZHOU_CITY": str(CITY), "SHAZHOU_DATA": str(data), "SHAZHOU_LANG": "en"}
    done = subprocess.run(command, env={**os.environ, **known}, capture_output=True, text=True, check=False)
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def read_only(loaded: Path, tmp_path: Path) -> Iterator[Path]:
    """A ledger with the city's evidence that nobody may write to."""
    data = tmp_path / "ledger"
    shutil.copytree(loaded, data, ignore=shutil.ignore_patterns("quoted", "cache"))
    folders = [data, *(path for path in data.rglob("*"))]
    try:
        for path in folders:
            path.chmod(0o555 if path.is_dir() else 0o444)
        yield data
    finally:
        for path in folders:
            path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.mark.slow
def test_who_may_only_read_a_ledger_gets_a_figure_and_is_told_that_it_is_not_kept(read_only: Path) -> None:
    figure = without_permission("figure", "gdp", "--period", "2018", data=read_only)
    assert figure.status == 0 and "2,720" in figure.out
    assert "figure-not-kept" in figure.err and "未能保存" in figure.err


@pytest.mark.slow
def test_who_may_only_read_a_ledger_gets_every_answer_and_is_refused_what_writes(read_only: Path) -> None:
    assert without_permission("verify", data=read_only).status == 0
    table = without_permission("tabulate", "gdp", "--period", "2017:2018", "--json", data=read_only)
    assert table.status == 0 and [row["value"] for row in table.json] == ["2606.00", "2720.00"]
    assert without_permission(*PLACES, data=read_only).status == 0, "what it holds need not be written"
    for command in (("compact",), (*PLACES[:-1], "enterprises"), ("withdraw", "2", "--reason", "x")):
        refused = without_permission(*command, "--json", data=read_only)
        assert refused.status == 1
        assert [each["rule"] for each in refused.json["problems"]] == ["ledger-read-only"]


def test_figures_that_must_be_kept_are_refused_where_nothing_can_be_written(
    loaded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "ledger"
    shutil.copytree(loaded, data, ignore=shutil.ignore_patterns("quoted"))
    measure = Measure(Ledger.open(data))
    figure = measure.figure("gdp", measure.city.root, "2016")
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    with pytest.raises(Refused) as refused:
        Quoted(data).keep([figure])
    assert [each.rule.id for each in refused.value.problems] == ["ledger-read-only"]
