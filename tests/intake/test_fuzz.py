"""Whatever is given is understood or refused with a place: random documents, and the real ones with random damage.

A few of each kind here; `test_fuzz_100000` makes a hundred thousand.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fuzzing import PIECES, cells, documents, folders, formulas, load, mappings, markings, rows, tables, workbooks
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intake_city import CITY, HEADER

FEW = 300


@pytest.mark.slow
@pytest.mark.parametrize("inputs", [cells, documents, rows, folders, formulas])
def test_random_inputs_are_understood_or_refused(inputs: Callable[[int, int], int]) -> None:
    assert inputs(FEW, 1) == FEW


@pytest.mark.slow
@pytest.mark.parametrize("inputs", [workbooks, tables, mappings, markings])
def test_damaged_files_are_understood_or_refused(inputs: Callable[[int, int], int]) -> None:
    assert inputs(FEW // 3, 1) == FEW // 3


@settings(max_examples=FEW, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(st.sampled_from(PIECES) | st.text(max_size=8), min_size=6, max_size=6), max_size=4))
def test_any_rows_are_understood_or_refused(lines: list[list[str]]) -> None:
    text = "\n".join([HEADER, *(",".join(line) for line in lines)])
    content = text.encode("utf-8", "replace")
    problems = load("a.csv", content, "figures", CITY, "bureau")
    assert problems == load("a.csv", content, "figures", CITY, "bureau")


@settings(max_examples=FEW, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["a.csv", "a.csv.gz", "a.xlsx", "a.xls", "a.ods", "a.parquet", "a.x"]))
def test_any_bytes_are_refused_and_say_why(content: bytes, file: str) -> None:
    problems = load(file, content, "figures", CITY, "bureau")
    # Some random bytes never carry the columns that the mapping asks for, so each is refused, and says of which file.
    assert problems
    assert {problem.where.file for problem in problems} == {file}
