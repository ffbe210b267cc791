"""A hundred thousand random inputs: no traceback, and every refusal names a place.

The inputs come in parts, each with a seed of its own, so that several processes can share them.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fuzzing import PIECES, cells, documents, folders, formulas, load, mappings, markings, rows, tables, workbooks
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intake_city import CITY, HEADER

Inputs = Callable[[int, int], int]

KINDS: dict[str, tuple[Inputs, int, int]] = {
    "CSV, real documents damaged": (documents, 16_000, 4),
    "CSV, random rows": (rows, 12_000, 2),
    "XLSX": (workbooks, 12_000, 4),
    "Parquet": (tables, 4_000, 1),
    "documents given back with their problems marked": (markings, 2_000, 2),
    "YAML, city folders damaged": (folders, 16_000, 2),
    "YAML, mappings damaged": (mappings, 10_000, 2),
    "formulas": (formulas, 20_000, 2),
    "cells": (cells, 6_000, 1),
}
"""By kind: what makes the inputs, how many, and in how many parts."""

BY_HYPOTHESIS = 4_000

PARTS = [(kind, part) for kind, (_, _, parts) in KINDS.items() for part in range(parts)]


def test_the_parts_add_up_to_a_hundred_thousand() -> None:
    assert all(count % parts == 0 for _, count, parts in KINDS.values())
    assert sum(count for _, count, _ in KINDS.values()) + BY_HYPOTHESIS >= 100_000


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "part"), PARTS)
def test_random_inputs_of_every_kind_are_understood_or_refused(kind: str, part: int) -> None:
    inputs, count, parts = KINDS[kind]
    assert inputs(count // parts, 1000 + part) == count // parts


@pytest.mark.slow
def test_random_rows_of_hypothesis_are_understood_or_refused() -> None:
    tried = 0

    @settings(max_examples=BY_HYPOTHESIS, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.lists(st.lists(st.sampled_from(PIECES) | st.text(max_size=8), min_size=6, max_size=6), max_size=4))
    def understood_or_refused(lines: list[list[str]]) -> None:
        nonlocal tried
        tried += 1
        text = "\n".join([HEADER, *(",".join(line) for line in lines)])
        load("a.csv", text.encode("utf-8", "replace"), "figures", CITY, "bureau")

    understood_or_refused()
    assert tried >= BY_HYPOTHESIS
