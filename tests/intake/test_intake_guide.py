"""What docs/intake.md tells an analyst is true: its mapping is in order, its document loads, its numbers are right."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

import pytest
from intake_city import REPOSITORY

from shazhou.city.folder import parse_city, read_files
from shazhou.city.model import City
from shazhou.city.unit import unit_named
from shazhou.intake.door import delivery_of, understood
from shazhou.intake.entity import Names
from shazhou.intake.mapping import Observed, Reading
from shazhou.intake.mapping_check import check_mappings
from shazhou.intake.number import Unreadable, read_number

GUIDE = (REPOSITORY / "docs" / "intake.md").read_text(encoding="utf-8")
NUMBERS = re.findall(r"^\| `([^`]+)` \| ([^|]+) \| ([^|]*)\| ([^|]*)\|$", GUIDE, re.MULTILINE)


@cache
def block(kind: str) -> str:
    (found,) = re.findall(rf"^```{kind}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    return str(found)


@cache
def city() -> City:
    files = read_files(REPOSITORY / "cities" / "zhangjiagang")
    return parse_city({**files, "mappings/returns.yaml": block("yaml mappings/returns.yaml").encode()})


def test_the_mapping_of_the_guide_is_in_order() -> None:
    assert list(check_mappings(city())) == []


def test_the_document_of_the_guide_is_loaded_with_its_mapping() -> None:
    ready = understood(
        city(), Names(city()), delivery_of(city(), "returns.csv", block("csv").encode(), "returns", "enterprises")
    )
    rows = [row for batch in ready.batches() for row in batch.to_pylist()]
    revenue = {row["row"]: row for row in rows if row["variable"] == "revenue"}
    assert (revenue[2]["value"], revenue[2]["qualifier"]) == (Decimal(12_345_000), "=")
    assert (revenue[3]["value"], revenue[3]["qualifier"]) == (Decimal(13_000_000), ">")
    assert revenue[2]["period"] == "2025-01-01/P6M"
    assert [row["qualifier"] for row in rows if row["variable"] == "rd_spending"] == ["≈"]
    assert [row["text"] for row in rows if row["variable"] == "uscc"] == ["91350100M000100Y43"]
    assert ready.warnings == ()


@pytest.mark.parametrize(("cell", "value", "qualifier", "unit"), NUMBERS)
def test_the_numbers_of_the_guide_are_read_as_it_says(cell: str, value: str, qualifier: str, unit: str) -> None:
    if value == "refused":
        with pytest.raises(Unreadable):
            read_number(cell)
    elif value == "none":
        assert read_number(cell) is None
    else:
        assert read_number(cell) == (Decimal(value), qualifier.strip(), unit.strip())


def test_the_guide_has_a_table_of_numbers() -> None:
    assert len(NUMBERS) >= 15


def test_the_units_of_the_guide_are_known() -> None:
    (listed,) = re.findall(r"^Known are, among others, (.*)\.$", GUIDE, re.MULTILINE)
    assert all(unit_named(name) for name in re.split(r", | \(|\)|`", listed) if name)


def test_the_guide_names_every_field_of_a_mapping() -> None:
    assert all(f"`{name}`" in GUIDE for name in (*Observed.model_fields, *Reading.model_fields))
