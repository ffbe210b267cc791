"""Disclosure control against an attacker who holds everything that was published."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from disclosure_attacker import Attacker, State
from disclosure_city import MONTHS, TOWNS, city, random_deliveries, released, row

from shazhou.measure.disclosure import Clearance
from shazhou.measure.disclosure_table import Total, worth
from shazhou.measure.expression import Aggregate
from shazhou.measure.figure import Cell
from shazhou.measure.measure import Measure

SEEDS = 40
"""Random cities that the slow suite attacks."""

NEAR = 0.1
"""An interval as narrow as this share of the truth counts as learned."""


def firms(town: str, industry: str, *sizes: int) -> list[dict[str, object]]:
    """Firms with one month's output each."""
    found = []
    for number, size in enumerate(sizes):
        name = f"{town}-{industry}-{number}"
        found += [row(name, "place", "2020", town, "office"), row(name, "industry", "2020", industry, "office")]
        found += [row(name, "output", "2021-01", size)]
    return found


def reasons(clearance: Clearance) -> dict[tuple[str, str], str]:
    return {(each.cell.place, each.cell.industry): each.reason for each in clearance.decisions}


def attack(folder: Path, seed: int, only: tuple[str, ...]) -> tuple[list[str], int, int]:
    """What an attacker learns of a random city, how many figures are published, and of how many."""
    deliveries = random_deliveries(seed)
    ledger, heads = city(folder / "ledger", *deliveries, only=only)
    attacker, state, published, whole = Attacker(), State(), 0, 0
    for each, delivery in zip(released(ledger, heads), deliveries, strict=True):
        state = state.after(delivery)
        attacker.learns(state, each.cleared)
        published, whole = published + len(each.cleared), whole + len(each.decisions)
    insiders = ("", *sorted({each.firm for each in attacker.truth})[:4])
    return [*attacker.told_exactly(), *attacker.told_nearly(NEAR, insiders)], published, whole


def test_nobody_learns_a_firm_of_a_random_city_by_subtraction(tmp_path: Path) -> None:
    told, published, _ = attack(tmp_path, 5, ("output",))
    assert told == [] and published > 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 100 + SEEDS))
def test_nobody_learns_a_firm_of_many_random_cities(tmp_path: Path, seed: int) -> None:
    told, published, whole = attack(tmp_path, seed, ("output", "staff", "large_output", "productivity"))
    assert told == []
    print(f"published {published} of {whole}")


def test_the_attacker_learns_what_an_office_without_control_would_publish(tmp_path: Path) -> None:
    """The attack itself works: where every total is published, it finds somebody."""
    deliveries = random_deliveries(5)
    state, attacker = State().after(deliveries[0]), Attacker()
    places = ("city", "south", *TOWNS)
    attacker.learns(state, [Cell("output", place, "2021-01", of) for place in places for of in ("", "steel", "metal")])
    assert list(attacker.told_exactly()) and list(attacker.told_nearly(NEAR))


def test_a_total_needs_enough_contributors_and_none_too_large(tmp_path: Path) -> None:
    rows = [*firms("north", "steel", 100, 110), *firms("east", "steel", 5000, 100, 90, 80)]
    rows += firms("west", "textile", 100, 120, 140, 90)
    ledger, heads = city(tmp_path / "ledger", rows, only=("output",))
    found = reasons(released(ledger, heads)[0])
    assert found["north", ""] == "few" and found["east", ""] == "dominated"
    assert found["west", ""] == ""


def test_the_owner_of_the_second_largest_does_not_learn_the_largest(tmp_path: Path) -> None:
    """Half and half with a crumb: nobody is above 85 %, yet either of the two would know the other."""
    ledger, heads = city(tmp_path / "ledger", firms("north", "steel", 1000, 990, 5), only=("output",))
    assert reasons(released(ledger, heads)[0])["north", "steel"] == "dominated"


def test_a_town_is_not_told_by_its_sisters_and_the_city(tmp_path: Path) -> None:
    """North and the city, and south, are safe by themselves; together with east they tell the one firm of west."""
    rows = [*firms("north", "steel", 100, 110, 120, 130), *firms("east", "steel", 90, 100, 95, 80)]
    rows += firms("west", "steel", 105)
    ledger, heads = city(tmp_path / "ledger", rows, only=("output",))
    found = reasons(released(ledger, heads)[0])
    assert found["west", ""] == "few" and found["city", ""] == ""
    assert "subtraction" in {found["south", ""], found["east", ""]}


def test_what_one_late_firm_changes_is_not_published_anew(tmp_path: Path) -> None:
    first = firms("north", "steel", 100, 110, 120, 130)
    late = firms("north", "steel", 100, 110, 120, 130, 115)[-3:]
    ledger, heads = city(tmp_path / "ledger", first, late, only=("output",))
    before, after = released(ledger, heads)
    changed = {each.cell: each for each in after.decisions}
    assert Cell("output", "north", "2021-01") in before.cleared
    assert changed[Cell("output", "north", "2021-01")].reason == "subtraction"
    assert changed[Cell("output", "north", "2021-01")].kept


@pytest.mark.slow
def test_a_correction_of_several_firms_is_published_anew(tmp_path: Path) -> None:
    first = firms("north", "steel", 100, 110, 120, 130)
    again = [each for each in firms("north", "steel", 140, 160, 150, 171) if each["variable"] == "output"]
    ledger, heads = city(tmp_path / "ledger", first, again, only=("output",))
    assert Cell("output", "north", "2021-01") in released(ledger, heads)[1].cleared


def test_public_statements_are_no_cover(tmp_path: Path) -> None:
    """Two firms of three have published their output themselves: the total would tell the third."""
    rows = firms("north", "steel", 100, 110, 120)
    for each in rows[2:6]:
        if each["variable"] == "output":
            each["source"] = "press"
    ledger, heads = city(tmp_path / "ledger", rows, only=("output",))
    assert reasons(released(ledger, heads)[0])["north", ""] == "few"


def test_a_count_in_which_all_are_alike_is_withheld(tmp_path: Path) -> None:
    rows = firms("north", "steel", 100, 110, 120, 130, 140)
    rows += [row(f"north-steel-{number}", "staff", "2021-01", 400) for number in range(5)]
    rows += firms("east", "steel", 100, 110, 120, 130, 140)
    rows += [row(f"east-steel-{number}", "staff", "2021-01", 200 + 60 * number) for number in range(5)]
    ledger, heads = city(tmp_path / "ledger", rows, only=("large",))
    found = reasons(released(ledger, heads)[0])
    assert found["north", ""] == "alike"
    assert sorted([found["east", ""], found["city", ""]]) == ["", "subtraction"]


def test_the_greatest_is_never_cleared(tmp_path: Path) -> None:
    ledger, heads = city(tmp_path / "ledger", firms("north", "steel", 100, 110, 120, 130), only=("output", "biggest"))
    found = released(ledger, heads)[0]
    assert found.unfit == ("biggest",) and "biggest" not in {each.cell.indicator for each in found.decisions}


def test_the_rule_is_the_citys(tmp_path: Path) -> None:
    rows = firms("north", "steel", 100, 110, 120, 130)
    ledger, heads = city(tmp_path / "ledger", rows, only=("output",), contributors=5)
    assert reasons(released(ledger, heads)[0])["north", ""] == "few"


def test_an_industry_that_an_earlier_head_defined_stops_no_release(tmp_path: Path) -> None:
    ledger, heads = city(tmp_path / "ledger", [row("f", "output", "2021-01", 1)], only=("output",))
    known, month = Measure(ledger, heads[0]).city, (date(2021, 1, 1), date(2021, 1, 31))

    def worth_of(industry: str) -> tuple[int, int, int]:
        return worth(known, Total(Aggregate("sum", "output"), "city", industry, *month))

    assert worth_of("") > worth_of("metal") > worth_of("steel")
    assert worth_of("deleted since") == worth_of("metal")


@pytest.mark.slow
def test_the_statement_behind_a_quarter_is_its_first_whatever_thread_comes_first(tmp_path: Path) -> None:
    """Clearances of one head differed between runs (one of forty): the statements behind a sum came in any order."""
    rows = [row(f"f{firm}", "output", month, firm + 1) for firm in range(2_000) for month in MONTHS]
    ledger, heads = city(tmp_path / "ledger", rows, only=("output",))
    months, quarter = (date(2021, 1, 1), date(2021, 1, 31)), (date(2021, 1, 1), date(2021, 3, 31))
    for _ in range(10):
        measure = Measure(ledger, heads[0])
        table = measure.contributions(Aggregate("sum", "output"), "actual", [months, quarter], ())
        behind = {(each["entity"], each["end"]): each["ref"] for each in table.to_pylist()}
        entities = {entity for entity, _ in behind}
        assert len(entities) == 2_000
        assert [each for each in entities if behind[each, months[1]] != behind[each, quarter[1]]] == []
