"""The manifest: no line can change, go or change places unnoticed; one that was never finished does no harm."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shazhou.city.problem import Refused
from shazhou.ledger.manifest import Entry, Manifest

ENTRIES = [
    Entry("documents/ab/cd", "1" * 64, 5),
    Entry("observations/a-1.parquet", "2" * 64, 1234),
    Entry("submissions/数据.parquet", "3" * 64, 7),
]


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    made = Manifest(tmp_path)
    made.renew(ENTRIES[:1])
    made.add(*ENTRIES[1:])
    made.remove("documents/ab/cd")
    made.add(Entry("observations/a-1.parquet", "4" * 64, 99))
    return made


def file_of(folder: Path) -> Path:
    return folder / "manifest.jsonl"


def read(folder: Path) -> tuple[dict[str, Entry], int]:
    listing = Manifest(folder).read()
    return listing.entries, listing.damaged_line


def test_later_lines_replace_earlier_ones(manifest: Manifest, tmp_path: Path) -> None:
    expected = {
        "observations/a-1.parquet": Entry("observations/a-1.parquet", "4" * 64, 99),
        "submissions/数据.parquet": ENTRIES[2],
    }
    assert manifest.entries() == expected
    assert read(tmp_path) == (expected, 0)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_every_flipped_bit_is_found(manifest: Manifest, tmp_path: Path, data: st.DataObject) -> None:
    manifest.entries()
    whole = file_of(tmp_path).read_bytes()
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    flipped = bytearray(whole)
    flipped[bit // 8] ^= 1 << bit % 8
    file_of(tmp_path).write_bytes(flipped)
    try:
        line = whole[: bit // 8].count(b"\n") + 1
        assert read(tmp_path)[1] == manifest.read().damaged_line == line
        with pytest.raises(Refused) as refused:
            manifest.entries()
        assert refused.value.problems[0].where.row == line
    finally:
        file_of(tmp_path).write_bytes(whole)
    assert manifest.read().damaged_line == 0


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(range(5)), st.integers(1, 5))
@example([1, 2, 3, 4, 0], 4)
def test_lines_left_out_or_in_another_order_are_found(
    manifest: Manifest, tmp_path: Path, order: list[int], count: int
) -> None:
    whole = file_of(tmp_path).read_bytes()
    lines = whole.splitlines(keepends=True)
    chosen = order[:count]
    file_of(tmp_path).write_bytes(b"".join(lines[number] for number in chosen))
    try:
        assert (read(tmp_path)[1] == 0) == (chosen == list(range(count)))
    finally:
        file_of(tmp_path).write_bytes(whole)


@pytest.mark.parametrize("zeros", [0, 7])
def test_a_line_that_was_never_finished_counts_as_not_written(manifest: Manifest, tmp_path: Path, zeros: int) -> None:
    whole = file_of(tmp_path).read_bytes()
    last = whole.splitlines(keepends=True)[-1]
    expected = manifest.entries()
    for length in range(len(last) - 2):
        file_of(tmp_path).write_bytes(whole + last[:length] + b"\0" * zeros)
        assert read(tmp_path) == (expected, 0)
    again = Manifest(tmp_path)
    again.finish_last_line()
    assert file_of(tmp_path).read_bytes() == whole
    again.add(ENTRIES[0])
    assert read(tmp_path) == ({**expected, ENTRIES[0].file: ENTRIES[0]}, 0)


def test_a_line_that_lacks_only_its_end_counts(manifest: Manifest, tmp_path: Path) -> None:
    whole = file_of(tmp_path).read_bytes()
    file_of(tmp_path).write_bytes(whole.removesuffix(b"\n"))
    again = Manifest(tmp_path)
    assert again.entries() == manifest.entries()
    again.finish_last_line()
    assert file_of(tmp_path).read_bytes() == whole


@pytest.mark.parametrize("tail", [b"x", b'{"file":"a","sha256":"b","size":1}', b"\n", b"{}\n", b"null\n", b"[1]\n"])
def test_what_no_writer_leaves_is_damage(manifest: Manifest, tmp_path: Path, tail: bytes) -> None:
    whole = file_of(tmp_path).read_bytes()
    file_of(tmp_path).write_bytes(whole + tail)
    assert read(tmp_path)[1] == 6
    Manifest(tmp_path).finish_last_line()
    assert read(tmp_path)[1] == 6
