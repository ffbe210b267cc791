"""Ask once: what the ledger holds of a return's cells, whoever stated it, and of the period before."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from return_city import RETURN_CITY, entity, return_ledger

from shazhou.intake.held import Held, held, prefilled, year_before
from shazhou.intake.load import load_file
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.withdraw import withdraw

ANNUAL = RETURN_CITY.collections["annual"]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return return_ledger(tmp_path)


def of(ledger: Ledger, name: str = "甲") -> tuple[Held, ...]:
    return held(ledger, RETURN_CITY, ANNUAL.variables, [entity(ledger, name)])


def load(ledger: Ledger, folder: Path, text: str, mapping: str = "known", source: str = "firm") -> str:
    file = folder / f"more-{len(ledger.submissions())}.csv"
    file.write_text(text)
    return load_file(ledger, RETURN_CITY, file, mapping, source).id


def test_a_cell_comes_prefilled_with_value_unit_source_and_place(ledger: Ledger) -> None:
    now = prefilled(RETURN_CITY, ANNUAL, "2025", of(ledger))["revenue"].now
    assert now is not None
    assert (now.value, now.unit, now.shown) == (Decimal("12.5"), "100m_cny", "12.5")
    assert (now.source, now.source_address) == ("Statistical bureau", "https://example.org/a")
    assert now.row == 2
    assert now.submission == next(each.id for each in ledger.submissions() if each.document_name == "known.csv")


def test_the_period_before_is_shown_beside_it(ledger: Ledger) -> None:
    known = prefilled(RETURN_CITY, ANNUAL, "2025", of(ledger))
    assert known["rd"].now is None
    assert known["rd"].before is not None and known["rd"].before.shown == "≈3000"
    assert known["revenue"].before is None


def test_the_numbers_of_a_year_before_are_in_base_units(ledger: Ledger) -> None:
    assert year_before(RETURN_CITY, ANNUAL, "2025", of(ledger)) == {"rd": (Decimal("30000000"), "≈")}


def test_an_attribute_holds_until_it_is_changed(ledger: Ledger, tmp_path: Path) -> None:
    load(ledger, tmp_path, f"entity,variable,value,period\n{entity(ledger, '甲')},grade,有,2020\n", "plain")
    known = prefilled(RETURN_CITY, ANNUAL, "2025", of(ledger))["grade"]
    assert known.now is not None and known.now.text == "有" and known.before == known.now
    load(ledger, tmp_path, f"entity,variable,value,period\n{entity(ledger, '甲')},grade,无,2025\n", "plain")
    known = prefilled(RETURN_CITY, ANNUAL, "2025", of(ledger))["grade"]
    assert known.now is not None and known.now.text == "无"
    assert known.before is not None and known.before.text == "有"


def test_of_several_sources_the_strongest_counts_then_the_newest(ledger: Ledger, tmp_path: Path) -> None:
    load(ledger, tmp_path, "name,variable,value,unit,period\n甲,revenue,99,亿元,2025\n", source="returns")
    load(ledger, tmp_path, "name,variable,value,unit,period\n甲,rd,5,万元,2025\n", source="returns")
    load(ledger, tmp_path, "name,variable,value,unit,period\n甲,rd,6,万元,2025\n", source="returns")
    known = prefilled(RETURN_CITY, ANNUAL, "2025", of(ledger))
    assert known["revenue"].now is not None and known["revenue"].now.shown == "12.5"
    assert known["rd"].now is not None and known["rd"].now.shown == "6"


def test_what_was_withdrawn_is_not_held(ledger: Ledger) -> None:
    known = next(each for each in ledger.submissions() if each.document_name == "known.csv")
    withdraw(ledger, known.id, "wrong", "tester", [2])
    assert [each.variable for each in of(ledger)] == ["rd"]


def test_what_is_stated_of_a_merged_enterprise_is_held_of_the_one_it_is_part_of(ledger: Ledger, tmp_path: Path) -> None:
    load(ledger, tmp_path, "name,variable,value,unit,period\n乙,rd,7,万元,2025\n")
    assert [each.variable for each in of(ledger, "乙")] == ["rd"]
    first = entity(ledger, "甲")
    load(ledger, tmp_path, "alias,same_as\n乙,甲\n", "matches")
    merged = held(ledger, RETURN_CITY, ["rd"], [first])
    assert [(each.entity, each.period, each.shown) for each in merged] == [
        (first, "2024", "≈3000"),
        (first, "2025", "7"),
    ]


def test_what_is_held_is_read_as_of_a_head(ledger: Ledger, tmp_path: Path) -> None:
    head = ledger.head()
    load(ledger, tmp_path, "name,variable,value,unit,period\n甲,staff,7,人,2025\n")
    about = [entity(ledger, "甲")]
    assert "staff" in {each.variable for each in held(ledger, RETURN_CITY, ["staff"], about)}
    assert held(ledger, RETURN_CITY, ["staff"], about, head) == ()
