"""Every command once as a user runs it: in text, as JSON, and where it must refuse."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook
from shell import CITY, shazhou


def test_the_share_of_research_in_2017_with_its_source(loaded: Path) -> None:
    done = shazhou("figure", "rd_share_of_gdp", "--place", "320582", "--period", "2017", "--json", data=loaded)
    assert done.status == 0
    assert (done.json["value"], done.json["unit"], done.json["kind"]) == ("2.80", "percent", "actual")
    (source,) = done.json["sources"]
    assert source["date"] == "2018-03-02" and "science and technology" in source["title"]


def test_a_figure_reads_in_both_languages(loaded: Path) -> None:
    english = shazhou("figure", "gdp", "--period", "2021", data=loaded)
    chinese = shazhou("figure", "gdp", "--period", "2021", data=loaded, lang="zh")
    assert "3,030.21" in english.out and "Gross domestic product" in english.out
    assert "3,030.21 亿元" in chinese.out and "地区生产总值" in chinese.out


def test_a_missing_figure_is_missing_and_not_zero(loaded: Path) -> None:
    done = shazhou("figure", "gdp", "--period", "2022", "--json", data=loaded)
    assert done.status == 0 and done.json["value"] is None and done.json["observations"] == 0
    assert "no evidence" in shazhou("figure", "gdp", "--period", "2022", data=loaded).out


def test_the_trail_goes_down_to_the_row_and_nothing_in_it_is_cut(loaded: Path) -> None:
    figure = shazhou("figure", "gdp", "--period", "2021", "--json", data=loaded).json
    tree = shazhou("trail", figure["id"], data=loaded)
    data = shazhou("trail", figure["id"], "--json", data=loaded).json
    (submission,) = data["submissions"]
    (row,) = submission["observations"]
    assert submission["document_name"] == "observations.csv" and row["given"] == "3030.21"
    with (CITY / "evidence" / "observations.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file))[row["row"] - 1][:5] == ["city", "gdp", row["label"], "2021", "3030.21"]
    for text in (
        figure["head"],
        submission["document"],
        f"row 行 {row['row']}",
        "value(gdp)",
        row["citation"]["title"],
    ):
        assert text in tree.out


def test_a_quoted_figure_is_computed_again(loaded: Path) -> None:
    name = shazhou("figure", "gdp", "--period", "2019", "--json", data=loaded).json["id"]
    done = shazhou("figure", name, "--check", "--threads", "1", "--json", data=loaded)
    assert done.status == 0 and done.json["ok"] and done.json["quoted"] == done.json["computed"] == "2850.00"


@pytest.mark.slow
def test_a_table_in_all_its_forms(loaded: Path, tmp_path: Path) -> None:
    asked = ("tabulate", "gdp", "rd_share_of_gdp", "--period", "2016:2018")
    rows = shazhou(*asked, "--json", data=loaded).json
    assert [row["value"] for row in rows] == ["2300.00", "2606.00", "2720.00", "2.70", "2.80", None]
    read = list(csv.DictReader(io.StringIO(shazhou(*asked, "--format", "csv", data=loaded).out)))
    assert [row["value"] for row in read] == ["2300.00", "2606.00", "2720.00", "2.70", "2.80", ""]
    assert shazhou(*asked, "--format", "parquet", "--out", tmp_path / "t.parquet", data=loaded).status == 0
    table = pq.read_table(tmp_path / "t.parquet")
    assert table.column("id").to_pylist() == [row["id"] for row in rows]
    assert "2,300.00" in shazhou(*asked, data=loaded).out
    assert shazhou("trail", rows[4]["id"], "--json", data=loaded).json["figure"]["value"] == "2.80"


@pytest.mark.slow
def test_the_headline_targets_have_no_evidence_and_say_which_door_would_bring_it(loaded: Path) -> None:
    done = shazhou("targets", "--headline", "--json", data=loaded)
    assert [(row["value"], row["course"], row["door"]) for row in done.json] == [
        ("100", "no evidence", "form"),
        ("500", "no evidence", "telemetry"),
    ]
    assert "no evidence yet" in shazhou("targets", "--headline", data=loaded).out
    assert "暂无证据" in shazhou("targets", "--headline", data=loaded, lang="zh").out


def test_the_ledger_verifies_and_knows_its_head(loaded: Path) -> None:
    head = shazhou("submissions", "--json", data=loaded).json[-1]["head"]
    done = shazhou("verify", "--expect", head, "--json", data=loaded)
    assert done.status == 0 and done.json["ok"] and done.json["head"] == head
    wrong = shazhou("verify", "--expect", "f" * 64, "--json", data=loaded)
    assert wrong.status == 1 and wrong.json["problems"][0]["rule"] == "head-not-found"


def test_loading_again_changes_nothing(loaded: Path) -> None:
    before = shazhou("submissions", "--json", data=loaded).json
    assert shazhou("load", "--json", data=loaded).status == 0
    assert shazhou("submissions", "--json", data=loaded).json == before


def test_compaction_keeps_head_and_figures(loaded: Path) -> None:
    before = shazhou("figure", "projects_investment", "--period", "2021", "--json", data=loaded)
    assert shazhou("compact", "--json", data=loaded).json["head"] == before.json["head"]
    after = shazhou("figure", "projects_investment", "--period", "2021", "--json", data=loaded)
    assert after.out == before.out


def test_a_template_is_written_and_what_is_filled_in_is_loaded(loaded: Path, empty: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "filled.xlsx"
    done = shazhou("template", "--variables", "gdp", "--period", "2021", "--out", sheet, "--json", data=loaded)
    assert done.status == 0 and done.json["rows"] > 0 and load_workbook(sheet).sheetnames


def test_the_city_folder_is_in_order() -> None:
    done = shazhou("check", "--json")
    assert done.status == 0 and done.json["problems"] == []


@pytest.mark.parametrize("folder", ["broken_fields", "broken_references"])
def test_a_broken_folder_gives_every_problem_with_its_place(folder: str) -> None:
    done = shazhou("check", Path(__file__).parents[1] / "city" / folder, "--json")
    assert done.status == 1 and len(done.json["problems"]) > 5
    for problem in done.json["problems"]:
        assert problem["file"] and problem["rule"] and problem["mend_en"] and problem["mend_zh"]


def test_a_bad_document_is_refused_whole_and_given_back_marked(loaded: Path, tmp_path: Path) -> None:
    before = shazhou("submissions", "--json", data=loaded).json
    text = (CITY / "evidence" / "observations.csv").read_text(encoding="utf-8").replace(",3030.21,", ",30xx,")
    (tmp_path / "observations.csv").write_text(text, encoding="utf-8")
    marked = tmp_path / "errors.xlsx"
    arguments = ("load", tmp_path / "observations.csv", "--mapping", "public_figures", "--errors", marked, "--json")
    done = shazhou(*arguments, data=loaded)
    assert done.status == 1
    (problem,) = done.json["problems"]
    assert (problem["row"], problem["column"], problem["found"]) == (56, "value", "30xx")
    assert any(cell.comment for row in load_workbook(marked).worksheets[0].iter_rows() for cell in row)
    assert shazhou("submissions", "--json", data=loaded).json == before


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        (("figure", "nothing", "--period", "2021"), "unknown-indicator"),
        (("figure", "gdp", "--period", "2021x"), "period-form"),
        (("figure", "gdp", "--period", "2021", "--place", "nowhere"), "unknown-place"),
        (("figure", "gdp", "--period", "2021", "--as-of", "1999x"), "unknown-moment"),
        (("figure", "gdp"), "usage"),
        (("tabulate", "gdp", "--period", "2023:2021"), "years-backward"),
        (("figure", "gdp", "--period", "2021", "--city", "nowhere"), "no-city-folder"),
        (("figure", "gdp", "--period", "2021", "--city", "examples/us-counties"), "other-city"),
        (("trail", "f000000000000"), "unknown-figure"),
        (("load", "none.csv", "--mapping", "places"), "document-unreadable"),
        (("load", "none.csv"), "usage"),
        (("withdraw", "99", "--reason", "x"), "nothing-to-withdraw"),
        (("init",), "already-a-ledger"),
        (("report", "20x", "--out", "x"), "usage"),
    ],
)
def test_a_refusal_names_its_rule_and_the_status_is_not_zero(
    loaded: Path, arguments: tuple[str, ...], rule: str
) -> None:
    done = shazhou(*arguments, "--json", data=loaded)
    assert done.status != 0 and not done.json["ok"]
    assert done.json["problems"][0]["rule"] == rule
    assert "Traceback" not in done.err


def test_a_folder_that_has_changed_since_it_was_loaded_is_said_to(loaded: Path, tmp_path: Path) -> None:
    changed = tmp_path / "zhangjiagang"
    shutil.copytree(CITY, changed)
    with (changed / "indicators.yaml").open("a", encoding="utf-8") as file:
        file.write("# another line\n")
    done = shazhou("figure", "gdp", "--period", "2021", "--city", changed, data=loaded)
    assert done.status == 0 and "3,030.21" in done.out
    assert "has changed since it was loaded" in done.err and "载入之后有改动" in done.err
    assert shazhou("figure", "gdp", "--period", "2021", data=loaded).err == ""


def test_there_is_no_ledger_where_none_was_made(tmp_path: Path) -> None:
    for command in (("verify",), ("compact",), ("submissions",), ("targets",), ("figure", "gdp", "--period", "2021")):
        done = shazhou(*command, "--json", data=tmp_path / "none")
        assert done.status == 1 and done.json["problems"][0]["rule"] == "not-a-ledger"


def test_withdrawn_evidence_no_longer_counts(empty: Path) -> None:
    assert shazhou("load", data=empty).status == 0
    named = {each["title"]: each["id"] for each in shazhou("submissions", "--json", data=empty).json}
    assert shazhou("withdraw", named["公开数据"], "--reason", "test", data=empty).status == 0
    assert shazhou("figure", "gdp", "--period", "2021", "--json", data=empty).json["value"] is None
    assert shazhou("verify", data=empty).status == 0


@pytest.mark.slow
def test_a_reader_who_goes_away_is_no_error(loaded: Path) -> None:
    import subprocess

    from shell import COMMAND

    text = f"{COMMAND} tabulate --list --data {loaded} | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", text], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr and done.stdout
