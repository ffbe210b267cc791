"""Figures that the site computes: those of other places come along where they cost the same, and are the same."""

from __future__ import annotations

import pytest
from django.test import Client

from shazhou.console.evidence import current
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
