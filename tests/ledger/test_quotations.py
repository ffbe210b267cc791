"""Quotations: kept once, found by id, and any change of their file is found."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shazhou.ledger.ledger import Ledger
from shazhou.ledger.quotations import Quotations
from shazhou.ledger.verification import verify

FIRST = {
    "f000000000001": {"indicator": "gdp", "value": "3030.21"},
    "f000000000002": {"indicator": "产值", "value": None},
}


@pytest.fixture
def kept(tmp_path: Path) -> Quotations:
    quotations = Quotations(tmp_path)
    quotations.keep(FIRST)
    return quotations


def file_of(folder: Path) -> Path:
    return folder / "quoted" / "figures.jsonl"


def test_found_as_kept(kept: Quotations) -> None:
    assert kept.find("f000000000001") == FIRST["f000000000001"]
    assert kept.find("f000000000002") == FIRST["f000000000002"]
    assert kept.find("f000000000003") is None
    assert list(kept.damaged()) == []


def test_the_first_quotation_stays(kept: Quotations, tmp_path: Path) -> None:
    before = file_of(tmp_path).read_bytes()
    kept.keep({"f000000000001": {"indicator": "gdp", "value": "9"}})
    assert file_of(tmp_path).read_bytes() == before


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_every_flipped_bit_is_found_and_nothing_wrong_is_given(
    kept: Quotations, tmp_path: Path, data: st.DataObject
) -> None:
    whole = file_of(tmp_path).read_bytes()
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    flipped = bytearray(whole)
    flipped[bit // 8] ^= 1 << bit % 8
    file_of(tmp_path).write_bytes(flipped)
    try:
        assert list(kept.damaged())
        for name, arguments in FIRST.items():
            assert kept.find(name) in (arguments, None)
    finally:
        file_of(tmp_path).write_bytes(whole)


@pytest.mark.parametrize("left", range(1, 40, 7))
def test_a_line_that_a_dying_writer_left_unfinished_is_dropped(kept: Quotations, tmp_path: Path, left: int) -> None:
    whole = file_of(tmp_path).read_bytes()
    file_of(tmp_path).write_bytes(whole + whole[:left])
    assert list(kept.damaged()) == []
    kept.keep({"f000000000009": {"indicator": "gdp", "value": "1"}})
    assert list(kept.damaged()) == []
    assert kept.find("f000000000009") == {"indicator": "gdp", "value": "1"}


def test_a_line_that_lacks_only_its_end_counts(kept: Quotations, tmp_path: Path) -> None:
    whole = file_of(tmp_path).read_bytes()
    file_of(tmp_path).write_bytes(whole.removesuffix(b"\n"))
    kept.keep({"f000000000009": {"indicator": "gdp", "value": "1"}})
    assert kept.find("f000000000002") == FIRST["f000000000002"]
    assert list(kept.damaged()) == []


def test_a_removed_line_is_found_and_those_after_it_are_still_given(tmp_path: Path) -> None:
    quotations = Quotations(tmp_path)
    for number in range(1, 5):
        quotations.keep({f"f00000000000{number}": {"indicator": "gdp", "value": str(number)}})
    lines = file_of(tmp_path).read_bytes().splitlines(keepends=True)
    for gone in (0, 1, 2):
        file_of(tmp_path).write_bytes(b"".join(lines[:gone] + lines[gone + 1 :]))
        assert list(quotations.damaged()) == [gone + 1]
        assert quotations.find("f000000000004") == {"indicator": "gdp", "value": "4"}
    file_of(tmp_path).write_bytes(b"".join([lines[1], lines[0], *lines[2:]]))
    assert list(quotations.damaged())


def test_a_damaged_line_is_found_once_and_what_is_kept_after_it_is_in_order(kept: Quotations, tmp_path: Path) -> None:
    whole = file_of(tmp_path).read_bytes()
    file_of(tmp_path).write_bytes(whole.replace("产值".encode(), "产业".encode()))
    kept.keep({"f000000000009": {"indicator": "gdp", "value": "1"}})
    assert list(kept.damaged()) == [2]
    file_of(tmp_path).write_bytes(file_of(tmp_path).read_bytes().replace("产业".encode(), "产值".encode()))
    assert list(kept.damaged()) == []


def test_a_removed_file_is_found(kept: Quotations, tmp_path: Path) -> None:
    assert not kept.lost
    file_of(tmp_path).unlink()
    assert kept.lost
    assert not Quotations(tmp_path / "never quoted").lost


def test_verification_finds_lost_quotations(tmp_path: Path) -> None:
    ledger = Ledger.create(tmp_path / "ledger")
    Quotations(ledger.folder).keep(FIRST)
    path = file_of(ledger.folder)
    assert verify(ledger).ok
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[1])
    assert [(each.rule.id, each.where.row) for each in verify(ledger).failures] == [("quotation-changed", 1)]
    path.unlink()
    assert [(each.rule.id, each.found) for each in verify(ledger).failures] == [("file-lost", "figures.jsonl")]
