"""What the site keeps: figures of other places come along where they cost the same, and are the same; the newest
head is opened before anybody asks; and what many ask for at once is computed once."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.test import Client

from shazhou.console.evidence import coverage, current, register, trails
from shazhou.console.serve import prepare_evidence
from shazhou.measure import compile
from shazhou.measure.figure import Cell


def test_figures_of_the_other_places_come_along_and_are_what_they_are_alone(
    site: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = current.head()
    measure = current.with_measure(head, lambda opened: opened)
    monkeypatch.setattr(compile, "MANY", 1)
    name = next(name for name in measure.city.indicators if measure.reads_many(name))
    alone = {place: measure.figure(name, place, "2019") for place in measure.city.places}
    monkeypatch.setattr(current, "_figures", kept := type(current._figures)())
    cell = Cell(name, measure.city.root, "2019")
    assert current.figures(head, [cell]) == {cell: alone[cell.place]}
    assert {asked.place: figure for (_, asked), figure in kept.items()} == alone


def test_the_newest_head_is_opened_before_anybody_asks(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "_open", opened := type(register._open)())
    coverage.coverage.cache_clear()
    prepare_evidence()
    assert list(opened) == [current.head()]
    assert coverage.coverage.cache_info().currsize == 1


def test_what_several_ask_for_at_once_is_computed_once(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    head, cell = current.head(), Cell("gdp", current.city().root, "2018")
    monkeypatch.setattr(current, "_figures", type(current._figures)())
    monkeypatch.setattr(trails, "_trails", type(trails._trails)())
    asked: list[str] = []
    compute, follow = current._computed, trails.trail_of
    monkeypatch.setattr(current, "_computed", lambda *given: asked.append("figure") or compute(*given))
    monkeypatch.setattr(trails, "trail_of", lambda *given: asked.append("trail") or follow(*given))
    with ThreadPoolExecutor(8) as people:
        # All of them look, find nothing and wait; the lock is free only when all have come.
        waiting = current.with_measure(head, lambda _: _all_waiting(people, head, cell))
        figures, followed = [each.result() for each in waiting[:4]], [each.result() for each in waiting[4:]]
    assert asked.count("figure") == 1 and asked.count("trail") == 1
    assert len({each[cell].id for each in figures}) == 1 and len({each.figure.id for each in followed}) == 1


def _all_waiting(people: ThreadPoolExecutor, head: str, cell: Cell) -> list[Future[Any]]:
    begun = [people.submit(current.figures, head, [cell]) for _ in range(4)]
    begun += [people.submit(trails.trail, head, cell) for _ in range(4)]
    while sum(each.running() for each in begun) < len(begun):
        time.sleep(0.001)
    time.sleep(0.1)
    return begun
