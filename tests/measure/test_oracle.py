"""The engine against an oracle: plain Python and pandas, written from the design and not from the engine's code.

Random formulas over random evidence of several sources with corrections, withdrawals, disputes, merges and attributes
that change, read as of a random head, for random places, industries and periods: every figure must be equal to the
last digit, with the same marks and the same number of statements behind it.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from oracle import Oracle
from random_city import cells, evidence, formulas, written
from small_city import ledger_of

from shazhou.measure import compile
from shazhou.measure.figure import Cell
from shazhou.measure.measure import Measure

DECIMALS = 4
QUIET = settings(deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
"""Nothing is shrunk: a smaller seed is no simpler evidence."""

drawn = given(st.lists(formulas, min_size=2, max_size=4), st.integers(0, 10**9), cells, st.data())


@settings(QUIET, max_examples=2)
@drawn
def test_engine_agrees_with_the_oracle(indicators: Any, seed: int, wanted: Any, data: Any) -> None:
    assert_agrees(indicators, evidence(seed), wanted, data)


@pytest.mark.slow
@settings(QUIET, max_examples=54)
@drawn
def test_engine_agrees_with_the_oracle_many(indicators: Any, seed: int, wanted: Any, data: Any) -> None:
    assert_agrees(indicators, evidence(seed), wanted, data, witnesses=True)


def assert_agrees(
    indicators: list[tuple[Any, str]],
    deliveries: list[list[dict[str, Any]]],
    wanted: list[tuple[str, str, str]],
    data: Any,
    witnesses: bool = False,
) -> None:
    trees = {f"i{number}": tree for number, (tree, _) in enumerate(indicators)}
    defined = {f"i{number}": (written(tree), unit, DECIMALS) for number, (tree, unit) in enumerate(indicators)}
    with tempfile.TemporaryDirectory() as folder:
        ledger = ledger_of(Path(folder) / "data", defined, *deliveries)
        chain = ledger.submissions()
        last = data.draw(st.integers(2, len(chain)))
        if data.draw(st.booleans()):
            ledger.compact()
        measure = Measure(ledger, chain[last - 1].head)
        asked = [Cell(name, place, period, industry) for name in defined for place, industry, period in wanted]
        oracle = Oracle(deliveries[: last - 1])
        figures = measure.figures(asked)
        for figure in figures:
            expected = oracle.figure(trees[figure.indicator], figure.place, figure.industry, figure.period, DECIMALS)
            seen = (figure.value, figure.disputed, figure.simulated, figure.observations)
            assert seen == expected, (defined[figure.indicator][0], figure.cell)
        if witnesses:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(compile, "MANY", 0)
                assert measure.figures(asked) == figures, "who is cited depends on how many references are carried"
