"""Figures of hand-made evidence, with the numbers worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from small_city import ledger_of

from shazhou.city.problem import Refused
from shazhou.ledger.ledger import Ledger
from shazhou.measure import compile, kept
from shazhou.measure.figure import Cell, Figure
from shazhou.measure.measure import Measure
from shazhou.measure.trail import trail

INDICATORS = {
    "gdp": ("value(gdp)", "cny", 2),
    "gdp_growth": ("yoy(value(gdp))", "percent", 1),
    "gdp_change": ("difference(value(gdp))", "cny", 0),
    "output": ("sum(output)", "cny", 2),
    "to_date": ("cumulative(sum(output))", "cny", 0),
    "per_head": ("ratio(sum(output), sum(staff))", "cny", 2),
    "strong": ("count(output >= 5)", "count", 0),
    "large": ('sum(output, where=size == "large")', "cny", 0),
    "large_or_b": ('count(output, where=size == "large" or not size in ("small", "large"))', "count", 0),
    "middle": ("median(output)", "cny", 1),
    "average": ("mean(output)", "cny", 2),
    "least": ("min(output)", "cny", 0),
    "most": ("max(output)", "cny", 0),
    "share_of_gdp": ("share(sum(output), value(gdp))", "percent", 2),
    "staff": ("sum(staff)", "persons", 0),
    "capital": ("sum(capital)", "10k_cny", 4),
    "gdp_by_parts": ("sum(gdp)", "cny", 0),
    "margin": ("mean(margin)", "percent", 1),
    "promised": ('value(gdp, kind="target") - value(gdp)', "cny", 0),
}


def place(of: str, **fields: Any) -> dict[str, Any]:
    return {"entity": f"place:{of}", "variable": "gdp", **fields}


def firm(of: str, variable: str, period: str, value: Any) -> dict[str, Any]:
    content = {"text": value} if isinstance(value, str) else {"value": value}
    return {"entity": f"enterprise:{of}", "variable": variable, "period": period, **content}


FIRST = [
    place("city", period="2020", value=100),
    place("city", period="2021", value="108.5", qualifier=">", source="press"),
    place("city", period="2021", value=110, source="bureau", status="P"),
    place("city", period="2021", value=150, kind="target"),
    place("city", period="2022", value=115, kind="forecast"),
    place("east", period="2021", value=40),
    place("west", period="2021", value=30),
    place("south", period="2021", value=99),
    place("city", period="2021", value=60, industry="metal"),
    *(firm("x", "output", f"2021-{month:02d}", 1 + month) for month in range(1, 13)),
    *(firm("y", "output", f"2021-{month:02d}", 2 + month) for month in range(1, 13)),
    {**firm("z", "output", "2021-01", 7), "origin": "simulated"},
    firm("z", "output", "2021-Q1", 9),
    firm("z", "output", "2021-01-01/P4M", 14),
    firm("z", "output", "2021-01-01/P5M", 20),
    firm("x", "place", "2020", "east"),
    firm("y", "place", "2020", "place:north"),
    firm("z", "place", "2020", "east"),
    firm("x", "industry", "2020", "steel"),
    firm("y", "industry", "2020", "textile"),
    firm("z", "industry_code", "2020", "311"),
    firm("x", "size", "2020", "large"),
    firm("y", "size", "2020", "small"),
    firm("x", "staff", "2021-03", 8),
    firm("x", "staff", "2021-06", 10),
    firm("y", "staff", "2021-06", 10),
    firm("x", "margin", "2021", Decimal("4.5")),
    firm("y", "margin", "2021-06", 9),
    firm("x", "capital", "2019", 12345),
    firm("x", "capital", "2021-07", 20000),
]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return ledger_of(tmp_path_factory.mktemp("ledger") / "data", INDICATORS, FIRST)


@pytest.fixture(scope="module")
def measure(ledger: Ledger) -> Measure:
    return Measure(ledger)


VALUES = [
    ("gdp", "city", "2021", "", "110.00"),
    ("gdp", "city", "2021", "metal", "60.00"),
    ("gdp", "city", "2022", "", None),
    ("gdp_growth", "city", "2021", "", "10.0"),
    ("gdp_growth", "city", "2020", "", None),
    ("gdp_change", "city", "2021", "", "10"),
    ("output", "city", "2021", "", "192.00"),
    ("output", "city", "2021-01", "", "12.00"),
    ("output", "south", "2021-Q1", "", "18.00"),
    ("output", "north", "2021-Q1", "", "12.00"),
    ("output", "west", "2021-Q1", "", None),
    ("output", "city", "2021-05", "", "19.00"),
    ("output", "city", "2021-04", "", "16.00"),
    ("output", "city", "2021-01-01/P6M", "", "60.00"),
    ("output", "city", "2021-Q1", "metal", "18.00"),
    ("output", "city", "2021-Q1", "steel", "18.00"),
    ("output", "city", "2021-Q1", "textile", "12.00"),
    ("output", "city", "2020", "", None),
    ("to_date", "city", "2021-03", "", "30"),
    ("per_head", "city", "2021", "", "9.60"),
    ("strong", "city", "2021-01", "", "1"),
    ("strong", "city", "2021-12", "", "2"),
    ("strong", "city", "2019", "", None),
    ("large", "city", "2021", "", "90"),
    ("large", "north", "2021", "", None),
    ("middle", "city", "2021-01", "", "3.0"),
    ("average", "city", "2021-01", "", "4.00"),
    ("least", "city", "2021-01", "", "2"),
    ("most", "city", "2021-01", "", "7"),
    ("share_of_gdp", "city", "2021", "", "174.55"),
    ("staff", "city", "2021", "", "20"),
    ("staff", "city", "2021-03", "", "8"),
    ("staff", "city", "2021-Q1", "", "8"),
    ("margin", "city", "2021", "", "4.5"),
    ("capital", "city", "2021-06", "", "1.2345"),
    ("capital", "city", "2021", "", "2.0000"),
    ("gdp_by_parts", "south", "2021", "", "70"),
    ("gdp_by_parts", "city", "2021", "", "70"),
    ("promised", "city", "2021", "", "40"),
]


@pytest.fixture(scope="module")
def figures(measure: Measure) -> dict[Cell, Figure]:
    """The figures of all values, computed together."""
    cells = [Cell(indicator, of, period, industry) for indicator, of, period, industry, _ in VALUES]
    return {figure.cell: figure for figure in measure.figures(cells)}


@pytest.mark.parametrize(("indicator", "of", "period", "industry", "value"), VALUES)
def test_value(
    figures: dict[Cell, Figure], indicator: str, of: str, period: str, industry: str, value: str | None
) -> None:
    figure = figures[Cell(indicator, of, period, industry)]
    assert figure.value == (None if value is None else Decimal(value))
    assert value is None or str(figure.value) == value


def test_missing_has_neither_status_nor_sources(measure: Measure) -> None:
    figure = measure.figure("gdp", "city", "2030")
    assert (figure.value, figure.status, figure.sources, figure.observations) == (None, "", (), 0)


def test_stronger_source_counts_and_the_other_is_shown(measure: Measure) -> None:
    figure = measure.figure("gdp", "city", "2021")
    assert (figure.qualifier, figure.status, figure.disputed) == ("=", "provisional", True)
    assert [each.title for each in figure.sources] == ["bureau"]
    assert [(str(o.value), o.qualifier, o.citation.title) for o in figure.others] == [("108.50", ">", "press")]


def test_dispute_reaches_what_is_made_of_it(measure: Measure) -> None:
    assert measure.figure("gdp_growth", "city", "2021").disputed
    assert not measure.figure("output", "city", "2021").disputed


def test_simulated_mark_reaches_the_sum_and_no_other(measure: Measure) -> None:
    assert measure.figure("output", "city", "2021-01").simulated
    assert not measure.figure("output", "north", "2021-01").simulated


def test_kinds_never_replace_one_another(measure: Measure) -> None:
    assert measure.figure("gdp", "city", "2021", kind="target").value == 150
    forecast = measure.figure("gdp", "city", "2022", kind="forecast")
    assert (forecast.value, forecast.status) == (115, "forecast")
    assert measure.figure("gdp", "city", "2021", kind="forecast").value is None


def test_entity_by_its_id(measure: Measure) -> None:
    with pytest.raises(Refused):
        measure.figure("nothing", "city", "2021")
    ids = [measure.figure("gdp", "place:east", "2021").value, measure.figure("gdp", "east", "2021").value]
    assert ids == [40, 40]


def test_text_where_a_number_belongs_is_missing_not_zero(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path / "data", INDICATORS, [firm("x", "margin", "2021", "4.5")])
    assert Measure(ledger).figure("margin", "city", "2021").value is None


def test_unknown_names_are_all_reported(measure: Measure) -> None:
    with pytest.raises(Refused) as refused:
        measure.figures([Cell("a", "b", "c", "d", "e")])
    rules = {problem.rule.id for problem in refused.value.problems}
    assert rules == {"unknown-indicator", "unknown-place", "period-form", "unknown-industry", "unknown-kind"}


def test_counts_of_observations_and_contributors(measure: Measure) -> None:
    figure = measure.figure("output", "city", "2021")
    assert (figure.observations, figure.contributors) == (24, 2)


@pytest.mark.slow
def test_tabulate_agrees_with_figures(measure: Measure) -> None:
    table = measure.tabulate(list(INDICATORS), ["city", "south"], ["2021", "2021-01", "2021-Q1"], ["", "metal"])
    cells = [Cell(r["indicator"], r["place"], r["period"], r["industry"]) for r in table.to_pylist()]
    assert len(cells) == len(INDICATORS) * 2 * 3 * 2
    shared = ("value", "status", "qualifier", "observations", "contributors", "disputed", "simulated")

    def seen(figure: Figure) -> list[object]:
        return [getattr(figure, name) for name in shared]

    rows = [[row[name] for name in shared] for row in table.to_pylist()]
    assert rows == [seen(figure) for figure in measure.figures(cells)]


def test_trail_leads_to_the_rows(measure: Measure) -> None:
    found = trail(measure, Cell("output", "south", "2021-Q1"))
    seen = [(each.entity, each.period, each.value) for s in found.submissions for each in s.observations]
    assert [each for each in seen if each[2] is not None] == [
        ("enterprise:x", "2021-01", 2),
        ("enterprise:x", "2021-02", 3),
        ("enterprise:x", "2021-03", 4),
        ("enterprise:z", "2021-Q1", 9),
    ]
    located = [(each.entity, each.variable, each.text) for s in found.submissions for each in s.observations][4:]
    assert located == [("enterprise:x", "place", "east"), ("enterprise:z", "place", "east")]
    assert found.indicator.formula == "sum(output)"


def test_correction_withdrawal_and_as_of(tmp_path: Path) -> None:
    corrected = [place("city", period="2021", value=120, source="bureau")]
    withdrawn = [place("city", period="2021", value=None, source="bureau", status="M")]
    ledger = ledger_of(tmp_path / "data", INDICATORS, FIRST, corrected, withdrawn)
    heads = [each.head for each in ledger.submissions()]
    values = [Measure(ledger, head).figure("gdp", "city", "2021").value for head in heads[1:]]
    assert values == [110, 120, Decimal("108.5")]


def test_merged_entities_count_once(tmp_path: Path) -> None:
    merge = [firm("y", "same_as", "2020", "enterprise:x")]
    ledger = ledger_of(tmp_path / "data", INDICATORS, FIRST, merge)
    figure = Measure(ledger).figure("output", "city", "2021-12")
    assert (figure.value, figure.contributors) == (14, 1)


@pytest.mark.slow
def test_who_is_cited_does_not_depend_on_how_many_references_are_carried(
    measure: Measure, figures: dict[Cell, Figure], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compile, "MANY", 0)
    assert measure.figures(list(figures)) == list(figures.values())
    traced, _ = measure.traced(list(figures))
    assert [each.figure for each in traced] == list(figures.values())


@pytest.mark.slow
def test_what_is_kept_for_further_questions_does_not_change_the_figures(
    ledger: Ledger, figures: dict[Cell, Figure], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compile, "MANY", 0)
    monkeypatch.setattr(kept, "ROWS", 3)
    measure = Measure(ledger, keep=True)
    for _ in range(2):
        assert measure.figures(list(figures)) == list(figures.values())
    assert [measure.figures([cell])[0] for cell in figures] == list(figures.values())
