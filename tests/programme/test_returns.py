"""Who reports what when: reporters by what attributes say, tasks with their days, the burden of reporting."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from return_city import COLLECTIONS, RETURN_CITY, entity, return_city, return_ledger

from shazhou.city.collection import Collection, Reporters
from shazhou.intake.load import load_definitions, load_file
from shazhou.ledger.ledger import Ledger
from shazhou.measure.measure import Measure
from shazhou.programme.burden import burdens
from shazhou.programme.reporter import Reporter, reporters
from shazhou.programme.task import rounds, tasks, today

DAY = date(2026, 1, 1)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return return_ledger(tmp_path_factory.mktemp("returns"))


@pytest.fixture(scope="module")
def measure(ledger: Ledger) -> Measure:
    return Measure(ledger)


def asked(measure: Measure, day: date = DAY, of: str = "annual", **chosen: Any) -> dict[str, Reporter]:
    collection: Collection = measure.city.collections[of].model_copy(update={"reporters": Reporters(**chosen)})
    return {each.name: each for each in reporters(measure, collection, day)}


def test_without_a_condition_everybody_of_the_kind_is_asked(measure: Measure) -> None:
    assert set(asked(measure)) == {"甲", "乙", "丙"}
    assert set(asked(measure, of="monthly")) == {"新厂", "码头"}


def test_a_reporter_knows_name_and_places(measure: Measure) -> None:
    first = asked(measure)["甲"]
    assert (first.place, first.places) == ("east", frozenset({"east", "320582"}))
    assert first.called("zh") == first.called("en") == "甲"
    assert asked(measure)["丙"].place == "320582", "without a place of its own it lies in the city"


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        ({"where": 'size == "large"'}, {"甲"}),
        ({"where": 'size == "small"'}, {"乙"}),
        ({"where": 'size in ("small", "large")'}, {"甲", "乙"}),
        ({"where": 'not size == "large"'}, {"乙"}),
        ({"place": "east"}, {"甲"}),
        ({"place": "320582"}, {"甲", "乙", "丙"}),
        ({"place": "west", "where": 'size == "large"'}, set()),
    ],
)
def test_reporters_are_chosen_by_attributes_and_place(
    measure: Measure, chosen: dict[str, str], names: set[str]
) -> None:
    assert set(asked(measure, **chosen)) == names


def test_attributes_count_as_they_are_on_the_day(measure: Measure) -> None:
    assert set(asked(measure, date(2026, 12, 31), where='size == "large"')) == {"甲"}
    assert set(asked(measure, date(2027, 1, 1), where='size == "large"')) == {"甲", "丙"}
    assert set(asked(measure, date(2023, 12, 31), where='size == "large"')) == set()


def test_listed_entities_are_asked_whatever_is_known_of_them(measure: Measure, ledger: Ledger) -> None:
    listed = (entity(ledger, "乙"), "enterprise:unheard")
    assert set(asked(measure, entities=listed)) == {"乙", "enterprise:unheard"}
    assert set(asked(measure, entities=listed, where='size == "large"')) == {"甲", "乙", "enterprise:unheard"}


def test_the_enterprise_that_a_project_names_fills_in_for_it(measure: Measure, ledger: Ledger) -> None:
    found = asked(measure, of="monthly")
    assert found["新厂"].enterprise == entity(ledger, "甲")
    assert found["码头"].enterprise == "", "nobody knows an enterprise of that name, so the town fills it in"
    assert asked(measure)["甲"].enterprise == entity(ledger, "甲")


def test_a_merged_enterprise_is_asked_once(tmp_path: Path) -> None:
    ledger = return_ledger(tmp_path)
    file = tmp_path / "matches.csv"
    file.write_text("alias,same_as\n乙,甲\n")
    load_file(ledger, RETURN_CITY, file, "matches", "bureau")
    found = {each.entity for each in asked(Measure(ledger)).values()}
    assert found == {entity(ledger, "甲"), entity(ledger, "丙")}


def test_tasks_are_the_open_returns_those_due_first_first(measure: Measure) -> None:
    found = tasks(measure, date(2026, 3, 15))
    assert [(each.collection, each.period) for each in found] == 2 * [("monthly", "2026-02")] + 3 * [("annual", "2025")]
    days = {(each.collection, each.opens, each.due, each.locks) for each in found}
    assert days == {
        ("monthly", date(2026, 3, 1), date(2026, 3, 10), date(2026, 3, 31)),
        ("annual", date(2026, 1, 1), date(2026, 3, 31), date(2026, 5, 1)),
    }
    assert tasks(measure, date(2024, 12, 31)) == ()


def test_a_task_is_open_then_late_then_locked(measure: Measure) -> None:
    task = next(each for each in tasks(measure, date(2026, 3, 15)) if each.collection == "annual")
    states = [task.state(day) for day in (date(2026, 3, 31), date(2026, 4, 1), date(2026, 4, 30), date(2026, 5, 1))]
    assert states == ["open", "late", "late", "locked"]


def test_rounds_name_everybody_who_owes_a_return(measure: Measure, ledger: Ledger) -> None:
    found = {each.collection.id: each for each in rounds(measure, date(2026, 3, 15))}
    assert found["annual"].period.text == "2025"
    assert set(found["annual"].entities) == {entity(ledger, name) for name in ("甲", "乙", "丙")}


def test_the_day_is_that_of_the_city() -> None:
    assert today(RETURN_CITY, datetime(2026, 1, 1, 15, 59, tzinfo=UTC)) == date(2026, 1, 1)
    assert today(RETURN_CITY, datetime(2026, 1, 1, 16, 0, tzinfo=UTC)) == date(2026, 1, 2)


def test_the_burden_counts_cells_and_minutes_of_each_enterprise(measure: Measure, ledger: Ledger) -> None:
    found = {each.name: each for each in burdens(measure, DAY)}
    assert (found["甲"].collections, found["甲"].cells) == ({"annual": 4, "monthly": 12}, 16)
    assert found["甲"].minutes == 4 * 10 + 12 * 5
    assert (found["乙"].cells, found["乙"].minutes) == (4, Decimal(40))
    assert found["码头"].entity == entity(ledger, "码头", "project")
    assert next(iter(burdens(measure, DAY))).name == "甲"


def test_a_city_without_collections_asks_nobody(tmp_path: Path) -> None:
    ledger = return_ledger(tmp_path)
    load_definitions(ledger, return_city("{}\n"), "tester")
    assert tasks(Measure(ledger), DAY) == () and burdens(Measure(ledger), DAY) == ()
    assert return_city(COLLECTIONS) == RETURN_CITY
