"""A quoted figure computed again from the ledger alone: the same value on any number of threads and after any
compaction."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from small_city import observations
from zhangjiagang_ledger import filled

from shazhou.ledger.ledger import Ledger
from shazhou.ledger.submission import Delivery
from shazhou.measure.figure import Cell
from shazhou.measure.measure import Measure
from shazhou.measure.quoted import Quoted
from shazhou.measure.trail import recompute

PERIODS = ("2017", "2021", "2021-01-01/P6M", "2023", "2025")


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return filled(tmp_path_factory.mktemp("city") / "data")


@pytest.fixture(scope="module")
def quoted(ledger: Ledger) -> list[str]:
    """Ids of figures of every indicator, quoted at the head that the evidence ends with."""
    measure = Measure(ledger)
    cells = [Cell(name, measure.city.root, period) for name in measure.city.indicators for period in PERIODS]
    figures = measure.figures(cells)
    assert sum(figure.value is not None for figure in figures) > 100
    Quoted(ledger.folder).keep(figures)
    return [figure.id for figure in figures]


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 2, 7])
def test_every_quoted_figure_is_the_same_on_any_number_of_threads(
    ledger: Ledger, quoted: list[str], threads: int
) -> None:
    quotations = [Quoted(ledger.folder).find(name) for name in quoted]
    again = Measure(ledger, quotations[0].head, threads).figures([quotation.cell for quotation in quotations])
    assert [figure.value for figure in again] == [quotation.value for quotation in quotations]
    assert [figure.id for figure in again] == quoted


@pytest.mark.slow
def test_every_quoted_figure_is_the_same_after_compaction_and_later_submissions(
    ledger: Ledger, quoted: list[str], tmp_path: Path
) -> None:
    shutil.copytree(ledger.folder, tmp_path / "copy")
    copy = Ledger.open(tmp_path / "copy")
    later = {"entity": "place:320582", "variable": "gdp", "period": "2021", "value": 1, "source": "later"}
    copy.append(Delivery("later", "test", "file", "a later statement"), observations([later]))
    copy.compact()
    shutil.rmtree(copy.folder / "cache", ignore_errors=True)
    quotations = [Quoted(copy.folder).find(name) for name in quoted]
    again = Measure(copy, quotations[0].head, 2).figures([quotation.cell for quotation in quotations])
    assert [figure.value for figure in again] == [quotation.value for quotation in quotations]


def test_a_quoted_figure_is_recomputed_by_its_id(ledger: Ledger, quoted: list[str]) -> None:
    results = [recompute(ledger, name, threads) for name, threads in zip(quoted[:6], (1, 2, 7, 1, 2, 7), strict=True)]
    assert all(result.same for result in results)


def test_a_value_that_was_quoted_otherwise_is_noticed(ledger: Ledger) -> None:
    figure = Measure(ledger).figure("rd_share_of_gdp", "320582", "2017", kind="actual")
    Quoted(ledger.folder).keep_values([(figure.cell, figure.head, Decimal("2.9"))])
    assert not recompute(ledger, figure.id).same
