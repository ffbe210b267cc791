from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_city import tiny_city

from shazhou.city.check import check_files
from shazhou.city.folder import pack, parse_city, read_city, read_files, unpack, version_of
from shazhou.city.problem import Refused


def written(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def test_a_folder_becomes_a_city(tmp_path: Path) -> None:
    city = read_city(written(tmp_path, tiny_city()))
    assert (city.id, city.root, city.name.zh, city.languages) == ("tiny", "320582", "小城", ("zh", "en"))
    assert city.places["320582100"].aliases == ("town:东镇", "东镇")
    assert city.places["320582"].latitude == Decimal("31.8")
    assert city.places["320582100"].note == "first line\nsecond line"
    assert city.targets["gdp_2025"].value == Decimal("3000.5")
    assert [rank.id for rank in city.precedence] == ["official"]
    assert city.classification["3120"] == "炼钢"
    assert city.evidence[0].file == "figures.csv"


def test_the_tiny_city_is_in_order() -> None:
    assert check_files(tiny_city()) == ()


def test_evidence_and_hidden_files_define_nothing(tmp_path: Path) -> None:
    more = {"evidence/figures.csv": b"a", ".git/config": b"b", "mappings/.swp": b"c", "report/work_report.zh.md": b"d"}
    files = read_files(written(tmp_path, {**tiny_city(), **more}))
    assert sorted(files) == sorted([*tiny_city(), "report/work_report.zh.md"])
    assert list(files) == sorted(files)


def test_a_city_keeps_its_files_and_their_version() -> None:
    city = parse_city(tiny_city())
    assert city.files == tiny_city()
    assert city.version == version_of(tiny_city())


@pytest.mark.parametrize("change", [{"variables.yaml": b"#"}, {"new.yaml": b""}])
def test_any_change_of_a_file_is_another_version(change: dict[str, bytes]) -> None:
    assert version_of({**tiny_city(), **change}) != version_of(tiny_city())


def test_a_version_does_not_depend_on_where_one_file_ends_and_the_next_begins() -> None:
    assert version_of({"a": b"bc", "d": b""}) != version_of({"a": b"b", "cd": b""})


def test_the_order_of_files_does_not_matter() -> None:
    backwards = dict(reversed(tiny_city().items()))
    assert version_of(backwards) == version_of(tiny_city())
    assert pack(backwards) == pack(tiny_city())


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}(/[a-z\u4e00-\u4eff]{1,8})?", fullmatch=True), st.binary(max_size=50)))
def test_what_is_packed_is_unpacked(files: dict[str, bytes]) -> None:
    assert unpack(pack(files)) == files
    assert pack(unpack(pack(files))) == pack(files)


@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=3))
def test_a_damaged_archive_is_refused_or_read(position: int, wound: bytes) -> None:
    archive = pack(tiny_city())
    start = position % len(archive)
    try:
        unpack(archive[:start] + wound + archive[start + len(wound) :])
    except Refused as refused:
        assert [problem.rule.id for problem in refused.problems] == ["definitions-archive"]


def test_a_city_that_is_wrong_is_refused_with_every_problem() -> None:
    with pytest.raises(Refused) as refused:
        parse_city(tiny_city(variables="[", industries="{}}", places="key\n"))
    assert {problem.where.file for problem in refused.value.problems} == {
        "variables.yaml",
        "industries.yaml",
        "places.csv",
    }
