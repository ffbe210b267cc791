from decimal import Decimal

import pytest

from shazhou.city.unit import UNITS, unit_named


@pytest.mark.parametrize(
    ("name", "unit"),
    [("亿元", "100m_cny"), ("万元", "10k_cny"), ("%", "percent"), ("家", "count"), ("km2", "km2"), (" 亩 ", "mu")],
)
def test_units_are_known_as_documents_write_them(name: str, unit: str) -> None:
    found = unit_named(name)
    assert found is not None
    assert found.id == unit


@pytest.mark.parametrize("name", ["", "亿", "furlong", "亿 元"])
def test_an_unknown_or_ambiguous_unit_is_none(name: str) -> None:
    found = unit_named(name)
    assert found is None or name in found.aliases


def test_every_base_unit_is_a_unit_of_factor_one() -> None:
    for unit in UNITS.values():
        assert UNITS[unit.base].factor == 1
        assert UNITS[unit.base].base == unit.base


def test_no_name_stands_for_two_units() -> None:
    names = [name for unit in UNITS.values() for name in {unit.id, *unit.aliases} if name]
    assert len(names) == len(set(names))


def test_factors_are_exact() -> None:
    assert Decimal("3030.21") * UNITS["100m_cny"].factor == Decimal(303_021_000_000)
    assert Decimal("144.04") * UNITS["10k_persons"].factor == Decimal(1_440_400)
