"""Which statements count and what they force on a figure: merges, membership, differences, qualifiers, precedence."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from small_city import ledger_of

from shazhou.city.problem import Refused
from shazhou.measure.figure import Figure
from shazhou.measure.measure import Measure
from shazhou.measure.profiling import FILE, ends
from shazhou.measure.trail import trail

Rows = Sequence[dict[str, Any]]
INDICATORS = {
    "output": ("sum(output)", "cny", 9),
    "firms": ("count(output)", "count", 0),
    "strong": ("count(output >= 5)", "count", 0),
    "sized": ("count(size)", "count", 0),
    "big": ('count(size == "large")', "count", 0),
    "busy": ("sum(output, where=staff > 40)", "cny", 0),
    "middle": ("median(output)", "cny", 9),
    "most": ("max(output)", "cny", 0),
    "stated": ("value(output)", "cny", 0),
    "gdp": ("value(gdp)", "cny", 0),
    "gdp_mean": ("mean(gdp)", "cny", 1),
    "gdp_less": ("value(gdp) - sum(output)", "cny", 0),
    "growth": ("yoy(value(gdp))", "percent", 1),
    "cubed": ("value(gdp) * value(gdp) * value(gdp)", "cny", 0),
    "per_head": ("ratio(sum(output), sum(staff))", "cny", 2),
}


def firm(of: str, variable: str, period: str, content: Any, **more: Any) -> dict[str, Any]:
    told = {"text": content} if isinstance(content, str) else {"value": content}
    return {"entity": f"enterprise:{of}", "variable": variable, "period": period, **told, **more}


def gdp(of: str, period: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"entity": f"place:{of}", "variable": "gdp", "period": period, "value": value, **more}


def figure(
    folder: Path, indicator: str, *submissions: Rows, of: str = "city", period: str = "2021", **more: str
) -> Figure:
    ledger = ledger_of(folder / "data", INDICATORS, *submissions)
    return Measure(ledger).figure(indicator, of, period, **more)


def test_merges_are_followed_to_the_end_of_their_chain(tmp_path: Path) -> None:
    rows = [firm(name, "output", "2021", value) for name, value in (("a", 1), ("b", 2), ("c", 4))]
    merges = [firm("a", "same_as", "2020", "enterprise:b"), firm("b", "same_as", "2020", "enterprise:c")]
    found = figure(tmp_path, "output", rows, merges)
    assert (found.value, found.contributors) == (4, 1)


def test_a_ring_of_merges_is_one_entity() -> None:
    ring = {"b": "c", "c": "a", "a": "b", "x": "b"}
    assert ends(ring) == {"b": "a", "c": "a", "x": "a"}


def test_a_withdrawn_merge_makes_two_of_one_again(tmp_path: Path) -> None:
    rows = [firm("a", "output", "2021", 1), firm("b", "output", "2021", 2)]
    merge, parted = firm("a", "same_as", "2020", "enterprise:b"), firm("a", "same_as", "2020", None)
    found = figure(tmp_path, "output", rows, [merge], [parted])
    assert (found.value, found.contributors) == (3, 2)


def test_a_merge_by_the_stronger_source_counts(tmp_path: Path) -> None:
    rows = [firm("a", "output", "2021", 1), firm("b", "output", "2021", 2), firm("c", "output", "2021", 4)]
    strong = firm("a", "same_as", "2020", "enterprise:b", source="office")
    weak = firm("a", "same_as", "2020", "enterprise:c", source="press")
    merged = figure(tmp_path, "stated", rows, [strong], [weak], of="enterprise:a")
    assert merged.value == 2


def test_a_merged_entity_is_found_by_its_old_id(tmp_path: Path) -> None:
    merge = firm("a", "same_as", "2020", "enterprise:b")
    found = figure(tmp_path, "stated", [firm("a", "output", "2021", 7), merge], of="enterprise:a")
    assert found.value == 7


def test_a_firm_with_industry_and_code_counts_once(tmp_path: Path) -> None:
    industry = firm("a", "industry", "2020", "steel", origin="simulated")
    rows = [firm("a", "output", "2021", 3), industry, firm("a", "industry_code", "2020", "311")]
    found = figure(tmp_path, "output", rows, industry="metal")
    assert (found.value, found.contributors, found.simulated) == (3, 1, True)


@pytest.mark.slow
def test_a_firm_counts_where_it_is_at_the_end_of_the_period(tmp_path: Path) -> None:
    rows = [
        firm("a", "output", "2021-03", 3),
        firm("a", "output", "2021-04", 4),
        firm("a", "industry", "2019", "steel"),
    ]
    moves = [firm("a", "place", "2020", "north"), firm("a", "place", "2021-04", "east")]
    ledger = ledger_of(tmp_path / "data", INDICATORS, [*rows, *moves])
    measure = Measure(ledger)
    seen = [
        (of, month, industry, measure.figure("output", of, month, industry).value)
        for of in ("north", "south", "city")
        for month in ("2021-03", "2021-04")
        for industry in ("", "steel")
        if measure.figure("output", of, month, industry).value is not None
    ]
    assert seen == [
        *(("north", "2021-03", industry, 3) for industry in ("", "steel")),
        *(("south", "2021-04", industry, 4) for industry in ("", "steel")),
        *(("city", "2021-03", industry, 3) for industry in ("", "steel")),
        *(("city", "2021-04", industry, 4) for industry in ("", "steel")),
    ]


def test_a_firm_without_a_place_yet_counts_for_the_city_alone(tmp_path: Path) -> None:
    rows = [firm("a", "output", "2020", 3), firm("a", "place", "2021", "north"), firm("a", "industry", "2019", "steel")]
    ledger = ledger_of(tmp_path / "data", INDICATORS, rows)
    values = [
        Measure(ledger).figure("output", of, "2020", each).value for of in ("city", "north") for each in ("", "steel")
    ]
    assert values == [3, 3, None, None]


@pytest.mark.parametrize(
    ("stated", "asked", "value"),
    [
        ({"2021": 10, "2021-Q1": 4}, "2021-04-01/P9M", 6),
        ({"2021-Q1": 4, "2021-01": 1}, "2021-02-01/P2M", 3),
        ({"2021-01-01/P5M": 5, "2021-01-01/P4M": 3}, "2021-05", 2),
        ({"2021-01-01/P5M": 5}, "2021-05", None),
        ({"2021-01-01/P4M": 3}, "2021-05", None),
        ({"2020-01-01/P14M": 9, "2020": 4}, "2021-01-01/P2M", None),
    ],
)
def test_cumulative_values_are_differenced_where_both_ends_exist(
    tmp_path: Path, stated: dict[str, int], asked: str, value: int | None
) -> None:
    rows = [gdp("city", period, each) for period, each in stated.items()]
    assert figure(tmp_path, "gdp", rows, period=asked).value == value


@pytest.mark.parametrize(
    ("late", "early", "sign"), [(">", "=", ">"), ("=", ">", "<"), (">", ">", "≈"), (">=", "<", ">"), ("=", "≈", "≈")]
)
def test_the_qualifier_of_a_difference(tmp_path: Path, late: str, early: str, sign: str) -> None:
    rows = [gdp("city", "2021-01-01/P5M", 9, qualifier=late), gdp("city", "2021-01-01/P4M", 3, qualifier=early)]
    assert figure(tmp_path, "gdp", rows, period="2021-05").qualifier == sign


@pytest.mark.parametrize(
    ("indicator", "first", "second", "sign"),
    [
        ("output", ">", ">=", ">"),
        ("output", ">", "<", "≈"),
        ("most", ">", "=", ">="),
        ("middle", "<", "=", "<="),
        ("firms", ">", "<", "="),
        ("strong", ">", "=", "≈"),
        ("strong", "=", "=", "="),
    ],
)
def test_the_qualifier_of_several(tmp_path: Path, indicator: str, first: str, second: str, sign: str) -> None:
    rows = [firm("a", "output", "2021", 5, qualifier=first), firm("b", "output", "2021", 6, qualifier=second)]
    assert figure(tmp_path, indicator, rows).qualifier == sign


def test_what_rests_on_an_uncertain_comparison_is_only_about(tmp_path: Path) -> None:
    rows = [firm("a", "output", "2021", 5), firm("a", "staff", "2021", 50, qualifier=">", origin="simulated")]
    found = figure(tmp_path, "busy", rows)
    assert (found.value, found.qualifier, found.simulated) == (5, "≈", True)


def test_the_withdrawal_of_the_best_source_lets_the_next_best_count(tmp_path: Path) -> None:
    first = [gdp("city", "2021", 1, source="press"), gdp("city", "2021", 2, source="office")]
    found = figure(tmp_path, "gdp", first, [gdp("city", "2021", None, source="office", status="M")])
    assert (found.value, found.disputed, found.others) == (1, False, ())


def test_precedence_comes_before_the_date_and_the_date_before_the_order(tmp_path: Path) -> None:
    rows = [
        gdp("city", "2021", 1, source="office", source_date="2022-01-02"),
        gdp("city", "2021", 2, source="bureau", source_date="2022-01-01"),
        gdp("city", "2021", 3, source="press", source_date="2023"),
    ]
    found = figure(tmp_path, "gdp", rows)
    assert (found.value, sorted(other.value for other in found.others)) == (1, [2, 3])


def test_a_median_of_two_large_values_is_exact(tmp_path: Path) -> None:
    large = Decimal("123456789012345678.123456789")
    rows = [firm("a", "output", "2021", large), firm("b", "output", "2021", large + 2)]
    assert figure(tmp_path, "middle", rows).value == large + 1


def test_division_by_zero_and_growth_from_nothing_are_missing(tmp_path: Path) -> None:
    rows = [
        firm("a", "output", "2021", 5),
        firm("a", "staff", "2021", 0),
        gdp("city", "2020", 0),
        gdp("city", "2021", 1),
    ]
    ledger = ledger_of(tmp_path / "data", INDICATORS, rows)
    assert [Measure(ledger).figure(name, "city", "2021").value for name in ("per_head", "growth")] == [None, None]


def test_negative_values_add_up_and_turn_qualifiers(tmp_path: Path) -> None:
    rows = [gdp("city", "2021", -3), firm("a", "output", "2021", -5, qualifier=">")]
    found = figure(tmp_path, "gdp_less", rows)
    assert (found.value, found.qualifier) == (2, "<")


def test_the_mean_over_cells_counts_each_cell(tmp_path: Path) -> None:
    rows = [
        gdp("north", "2021", 1, industry="steel"),
        gdp("north", "2021", 2, industry="textile"),
        gdp("east", "2021", 6),
    ]
    found = figure(tmp_path, "gdp_mean", rows)
    assert (found.value, found.contributors) == (3, 2)


def test_a_place_may_be_asked_for_by_its_entity_id(tmp_path: Path) -> None:
    rows = [firm("a", "output", "2021", 5), firm("a", "place", "2020", "east")]
    assert figure(tmp_path, "output", rows, of="place:south").value == 5


def test_a_place_that_is_none_is_refused_by_its_entity_id_too(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        figure(tmp_path, "output", [firm("a", "output", "2021", 5)], of="place:nowhere")


@pytest.mark.parametrize("period", ["0001", "0999", "9999", "9001-01-01/P1Y", "2021-02-30"])
def test_a_period_out_of_bounds_is_refused(tmp_path: Path, period: str) -> None:
    with pytest.raises(Refused):
        figure(tmp_path, "growth", [gdp("city", "2021", 1)], period=period)


def test_an_attribute_narrows_and_splits(tmp_path: Path) -> None:
    rows = [firm(name, "output", "2021", value) for name, value in (("a", 1), ("b", 2), ("c", 4))]
    sizes = [firm("a", "size", "2020", "large"), firm("b", "size", "2020", "small"), firm("a", "size", "2022", "small")]
    measure = Measure(ledger_of(tmp_path / "data", INDICATORS, [*rows, *sizes]))
    table = measure.tabulate(["output"], ["city"], ["2021"], where=measure.conditions("size"))
    assert dict(zip(table["where"].to_pylist(), table["value"].to_pylist(), strict=True)) == {
        "size == 'large'": 1,
        "size == 'small'": 2,
    }
    narrowed = measure.figure("output", "city", "2021", where='size == "large"')
    assert (narrowed.value, narrowed.id != measure.figure("output", "city", "2021").id) == (1, True)


def test_what_reads_only_places_cannot_be_narrowed(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        figure(tmp_path, "gdp", [gdp("city", "2021", 1)], where='size == "large"')
    assert [problem.rule.id for problem in refused.value.problems] == ["condition-nothing-to-narrow"]


def test_the_trail_holds_what_put_an_entity_there(tmp_path: Path) -> None:
    rows = [firm("a", "output", "2021", 5), firm("a", "staff", "2021", 50)]
    rows += [firm("a", "place", "2020", "east"), firm("a", "industry", "2020", "steel")]
    measure = Measure(ledger_of(tmp_path / "data", INDICATORS, rows))
    cell = measure.figure("busy", "south", "2021", "metal").cell
    found = trail(measure, cell)
    assert {each.variable for s in found.submissions for each in s.observations} == {
        "output",
        "staff",
        "place",
        "industry",
    }
    assert (found.figure.observations, found.variables) == (1, ("output", "staff"))


def test_a_damaged_cache_is_counted_again(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path / "data", INDICATORS, [gdp("city", "2021", 1), gdp("city", "2021", 2, source="press")])
    assert Measure(ledger).figure("gdp", "city", "2021").disputed
    file = ledger.folder / "cache" / ledger.head() / FILE
    file.write_bytes(file.read_bytes().replace(b'"sources": 2', b'"sources": 1'))
    assert Measure(ledger).figure("gdp", "city", "2021").disputed


def test_more_digits_than_a_figure_holds_are_refused_and_no_traceback(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        figure(tmp_path, "cubed", [gdp("city", "2021", 10**20)])
    assert refused.value.problems[0].rule.id == "figure-too-large"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["target", "forecast"])
@pytest.mark.parametrize("indicator", ["sized", "big"])
def test_what_attributes_actually_say_is_no_target_and_no_forecast(tmp_path: Path, indicator: str, kind: str) -> None:
    rows = [firm("a", "size", "2020", "large"), firm("a", "output", "2021", 3, kind=kind)]
    assert figure(tmp_path / "actual", indicator, rows).value == 1
    assert figure(tmp_path / "other", indicator, rows, kind=kind).value is None


def test_attributes_that_hold_choose_among_targets(tmp_path: Path) -> None:
    rows = [firm("a", "staff", "2021", 50), firm("a", "output", "2021", 3, kind="target")]
    rows += [firm("a", "size", "2020", "large"), firm("b", "output", "2021", 9, kind="target")]
    found = figure(tmp_path, "output", rows, kind="target", where='size == "large"')
    assert found.value == 3
