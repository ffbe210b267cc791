"""What the site keeps: figures of other places come along where they cost the same, and are the same; the newest
head is opened before anybody asks; and what many ask for at once is computed once."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from small_town import small_town

from shazhou.console.evidence import coverage, current, register, shared, trails
from shazhou.console.serve import prepare_evidence
from shazhou.ledger.cache import Cache
from shazhou.ledger.observation import SCHEMA
from shazhou.ledger.submission import Delivery
from shazhou.measure import compile
from shazhou.measure.figure import Cell
from shazhou.measure.measure import Measure


@pytest.mark.slow
def test_figures_of_the_other_places_come_along_and_are_what_they_are_alone(
    site: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = current.head()
    measure = current.with_measure(head, lambda opened: opened)
    forgotten(monkeypatch)
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
    compute, follow = current._computed, trails.trails_of
    monkeypatch.setattr(current, "_computed", lambda *given: asked.append("figure") or compute(*given))
    monkeypatch.setattr(trails, "trails_of", lambda *given: asked.append("trail") or follow(*given))
    with ThreadPoolExecutor(8) as people:
        # All of them look, find nothing and wait; the lock is free only when all have come.
        waiting = current.with_measure(head, lambda _: _all_waiting(people, head, cell))
        figures, followed = [each.result() for each in waiting[:4]], [each.result() for each in waiting[4:]]
    assert asked.count("figure") == 1 and asked.count("trail") == 1
    assert len({each[cell].id for each in figures}) == 1 and len({each.figure.id for each in followed}) == 1


def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a worker that has just begun; and whatever there is any evidence of reads many statements."""
    monkeypatch.setattr(compile, "MANY", 1)
    monkeypatch.setattr(current, "_reads_many", getattr(current._reads_many, "__wrapped__", current._reads_many))
    monkeypatch.setattr(current, "_figures", type(current._figures)())
    monkeypatch.setattr(trails, "_trails", type(trails._trails)())


def no_computing(monkeypatch: pytest.MonkeyPatch) -> None:
    def compute(*_given: object) -> None:
        raise AssertionError("this has been computed before")

    monkeypatch.setattr(Measure, "_compute", compute)


def test_another_worker_takes_what_one_has_computed(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    head, cell = current.head(), Cell("projects_investment", current.city().root, "2020")
    forgotten(monkeypatch)
    figure, trail = current.figures(head, [cell])[cell], trails.trail(head, cell)
    assert trail.figure == figure
    forgotten(monkeypatch)
    no_computing(monkeypatch)
    assert current.figures(head, [cell]) == {cell: figure}
    assert trails.trail(head, cell) == trail
    other = next(place for place in current.city().places if place != cell.place)
    assert current.figures(head, [replace(cell, place=other)])


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content.replace(b'"value":"', b'"value":"9'),
        lambda content: content[: len(content) // 2],
        lambda content: b"",
    ],
)
def test_what_is_kept_and_damaged_is_computed_again(
    site: Client, monkeypatch: pytest.MonkeyPatch, damage: Callable[[bytes], bytes]
) -> None:
    head, cell = current.head(), Cell("projects_investment", current.city().root, "2019")
    forgotten(monkeypatch)
    figure = current.figures(head, [cell])[cell]
    assert figure.value is not None
    damaged = 0
    for file in (current.ledger().folder / "cache").glob("*/computed-*"):
        content = file.read_bytes()
        file.write_bytes(damage(content))
        damaged += file.read_bytes() != content
    assert damaged
    forgotten(monkeypatch)
    assert current.figures(head, [cell]) == {cell: figure}


def test_what_is_kept_in_another_form_or_cannot_be_read_is_computed_again(
    site: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, cell = current.head(), Cell("projects_investment", current.city().root, "2019")
    forgotten(monkeypatch)
    figure, cache = current.figures(head, [cell])[cell], current.ledger().cache
    (name,) = current._bundles(head, [cell])
    cache.keep(head, shared._file(name), b'[{"another":"form"}]')
    forgotten(monkeypatch)
    assert current.figures(head, [cell]) == {cell: figure}
    file = current.ledger().folder / "cache" / head / shared._file(name)
    file.unlink()
    file.mkdir()
    forgotten(monkeypatch)
    assert current.figures(head, [cell]) == {cell: figure}
    file.rmdir()


def test_what_is_kept_does_not_wait_for_another_worker_and_small_questions_neither(
    site: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, cell = current.head(), Cell("projects_investment", current.city().root, "2018")
    forgotten(monkeypatch)
    kept = current.figures(head, [cell])
    forgotten(monkeypatch)
    with ThreadPoolExecutor(3) as people, settings.DEPLOYMENT.turn("computing"):
        slow = people.submit(current.figures, head, [replace(cell, period="2020-01")])
        assert people.submit(current.figures, head, [cell]).result(60) == kept
        assert people.submit(current.with_measure, head, lambda measure: measure.head).result(60) == head
        assert not slow.done()
    assert slow.result(60)


def test_further_pages_of_a_trail_and_conditions_are_computed_for_one_place_and_not_kept(
    site: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, cell = current.head(), Cell("projects_investment", current.city().root, "2017")
    forgotten(monkeypatch)
    folder = current.ledger().folder / "cache"
    before = set(folder.glob("*/computed-*"))
    for first in (1, 2, 3):
        trails.trail(head, cell, first)
    current.figures(head, [replace(cell, where="place == '320582'")])
    assert len(trails._trails) == 3
    assert set(folder.glob("*/computed-*")) == before


def test_no_more_is_kept_than_there_is_room_for(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for number in range(10):
        cache.keep(f"head{number}", "computed-a.json", bytes(1000))
        os.utime(tmp_path / f"head{number}" / "computed-a.json", (number, number))
        cache.keep(f"head{number}", "profile-4.json", bytes(1000))
    (tmp_path / "head0" / ".computed-b.json.1.partial").write_bytes(bytes(1000))
    os.utime(tmp_path / "head0" / ".computed-b.json.1.partial", (0, 0))
    cache.shrink("computed-", 3500)
    assert [file.parent.name for file in sorted(tmp_path.glob("*/computed-*"))] == ["head7", "head8", "head9"]
    assert len(list(tmp_path.glob("*/profile-*"))) == 10
    assert not list(tmp_path.glob("*/.*"))


def test_what_another_program_computed_is_not_taken(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    head, cell = current.head(), Cell("projects_investment", current.city().root, "2018")
    forgotten(monkeypatch)
    current.figures(head, [cell])
    forgotten(monkeypatch)
    monkeypatch.setattr(shared, "PROGRAM", "a newer one")
    no_computing(monkeypatch)
    with pytest.raises(AssertionError, match="computed before"):
        current.figures(head, [cell])


def test_a_trail_says_that_a_document_was_erased_after_it_was_computed(
    site: Client, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = small_town(tmp_path / "ledger")
    settings.DEPLOYMENT = replace(settings.DEPLOYMENT, data=tmp_path / "ledger")
    current.ledger.cache_clear()
    forgotten(monkeypatch)
    head, cell = current.head(), Cell("output_of_all", "city", "2021")
    before = trails.trail(head, cell)
    ledger.append(Delivery("more", "bureau", "file", "more"), SCHEMA.empty_table())
    assert trails.trail(head, cell) is before
    assert before.submissions and not any(each.erased for each in before.submissions)
    for document in {each.document for each in before.submissions}:
        ledger.erase(document, "by order", "bureau")
    assert all(each.erased for each in trails.trail(head, cell).submissions)


def _all_waiting(people: ThreadPoolExecutor, head: str, cell: Cell) -> list[Future[Any]]:
    begun = [people.submit(current.figures, head, [cell]) for _ in range(4)]
    begun += [people.submit(trails.trail, head, cell) for _ in range(4)]
    while sum(each.running() for each in begun) < len(begun):
        time.sleep(0.001)
    time.sleep(0.1)
    return begun
