"""What the site keeps: figures of other places come along where they cost the same, and are the same; a worker opens
the newest head before anybody asks."""

from __future__ import annotations

import pytest
from django.test import Client

from shazhou.console import workers
from shazhou.console.evidence import coverage, current, register
from shazhou.measure.figure import Cell


def test_figures_of_the_other_places_come_along_and_are_what_they_are_alone(
    site: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = current.head()
    measure = current.with_measure(head, lambda opened: opened)
    name = next(name for name in measure.city.indicators if measure.size(name))
    alone = {place: measure.figure(name, place, "2019") for place in measure.city.places}
    monkeypatch.setattr(current, "LARGE", 1)
    monkeypatch.setattr(current, "_figures", kept := type(current._figures)())
    cell = Cell(name, measure.city.root, "2019")
    assert current.figures(head, [cell]) == {cell: alone[cell.place]}
    assert {asked.place: figure for (_, asked), figure in kept.items()} == alone


def test_a_worker_opens_the_newest_head(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "_open", opened := type(register._open)())
    coverage.coverage.cache_clear()
    workers.open_newest()
    assert list(opened) == [current.head()]
    assert coverage.coverage.cache_info().currsize == 1
