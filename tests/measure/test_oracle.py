"""The engine against an oracle: plain Python and pandas, written from the design and not from the engine's code.

Random evidence of several sources with corrections, withdrawals and disputes, read as of a random head, aggregated over
random places, industries and periods: every figure must be equal, to the last digit.
"""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_city import INDUSTRIES, PLACES, SOURCES, ledger_of

from shazhou.city.period import Period
from shazhou.measure.figure import Cell
from shazhou.measure.measure import Measure

FIRMS = ["a", "b", "c", "d"]
MEASURES = {"output": "flow", "staff": "stock", "margin": "rate", "capital": "attribute"}
PERIODS = ["2020", "2021", "2020-Q4", "2021-Q1", "2021-01", "2021-02", "2021-03", "2021-01-01/P2M", "2020-01-01/P2Y"]
ASKED = ["2021", "2021-Q1", "2021-02", "2021-01-01/P2M", "2020-01-01/P2Y"]
INDICATORS = {
    **{
        f"sum_{name}": (f"sum({name})", "cny" if name in ("output", "capital") else unit, 3)
        for name, unit in (("output", "cny"), ("staff", "persons"), ("margin", "percent"), ("capital", "cny"))
    },
    "mean_output": ("mean(output)", "cny", 4),
    "median_output": ("median(output)", "cny", 4),
    "most_staff": ("max(staff)", "persons", 0),
    "many_staff": ("count(staff >= 50)", "count", 0),
    "large_output": ('sum(output, where=size == "large")', "cny", 0),
    "busy_output": ("sum(output, where=staff > 40 and not margin < 10)", "cny", 0),
    "per_head": ("ratio(sum(output), sum(staff))", "cny", 6),
    "growth": ("yoy(sum(output))", "percent", 3),
    "to_date": ("cumulative(sum(output))", "cny", 0),
    "mixed": ("sum(output) * 2 - sum(capital) / 3", "cny", 5),
    "stated": ("value(gdp)", "cny", 1),
    "share": ("share(sum(output), value(gdp))", "percent", 2),
}

numbers = st.integers(-50, 100_000).map(lambda n: Decimal(n) / 100)
attribute = st.fixed_dictionaries(
    {
        "entity": st.sampled_from([f"enterprise:{firm}" for firm in FIRMS]),
        "period": st.sampled_from(["2019", "2020", "2021-02"]),
        "source": st.sampled_from(sorted(SOURCES)),
    }
)
texts = st.one_of(
    st.tuples(st.just("place"), st.sampled_from(["north", "east", "west", "south"])),
    st.tuples(st.just("industry"), st.sampled_from(sorted(INDUSTRIES))),
    st.tuples(st.just("size"), st.sampled_from(["large", "small"])),
)
about_firms = st.builds(lambda row, pair: {**row, "variable": pair[0], "text": pair[1]}, attribute, texts)
numeric = st.fixed_dictionaries(
    {
        "entity": st.sampled_from([f"enterprise:{firm}" for firm in FIRMS]),
        "variable": st.sampled_from(sorted(MEASURES)),
        "period": st.sampled_from(PERIODS),
        "value": st.none() | numbers,
        "source": st.sampled_from(sorted(SOURCES)),
        "source_date": st.sampled_from(["", "2021", "2022-05-01"]),
    }
)
about_places = st.fixed_dictionaries(
    {
        "entity": st.sampled_from([f"place:{place}" for place in PLACES]),
        "variable": st.just("gdp"),
        "industry": st.sampled_from(["", "metal"]),
        "period": st.sampled_from(PERIODS),
        "value": st.none() | numbers,
        "source": st.sampled_from(sorted(SOURCES)),
    }
)
submissions = st.lists(
    st.lists(about_firms | numeric | numeric | about_places, min_size=1, max_size=25), min_size=1, max_size=4
)
cells = st.lists(
    st.tuples(st.sampled_from(sorted(PLACES)), st.sampled_from(["", *sorted(INDUSTRIES)]), st.sampled_from(ASKED)),
    min_size=1,
    max_size=4,
    unique=True,
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(submissions, cells, st.data())
def test_engine_agrees_with_the_oracle(deliveries: Any, wanted: Any, data: Any) -> None:
    assert_agrees(deliveries, wanted, data)


@pytest.mark.slow
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(submissions, cells, st.data())
def test_engine_agrees_with_the_oracle_many(deliveries: Any, wanted: Any, data: Any) -> None:
    assert_agrees(deliveries, wanted, data)


def assert_agrees(deliveries: list[list[dict[str, Any]]], wanted: list[tuple[str, str, str]], data: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ledger = ledger_of(Path(folder) / "data", INDICATORS, *deliveries)
        chain = ledger.submissions()
        last = data.draw(st.integers(1, len(chain)))
        if data.draw(st.booleans()):
            ledger.compact()
        measure = Measure(ledger, chain[last - 1].head)
        asked = [Cell(name, place, period, industry) for name in INDICATORS for place, industry, period in wanted]
        oracle = Oracle(deliveries[: last - 1])
        for figure in measure.figures(asked):
            expected = oracle.figure(figure.indicator, figure.place, figure.industry, figure.period)
            assert figure.value == expected, figure.cell


class Oracle:
    """What the design says, said again with frames and loops."""

    def __init__(self, deliveries: list[list[dict[str, Any]]]) -> None:
        rows = [
            {"industry": "", "text": None, "value": None, "source_date": "", **row, "order": (number, position)}
            for number, delivery in enumerate(deliveries)
            for position, row in enumerate(delivery)
        ]
        self.counting = self._winners(pd.DataFrame(rows)) if rows else []

    def _winners(self, frame: pd.DataFrame) -> list[dict[str, Any]]:
        spans = frame["period"].map(Period.parse)
        frame = frame.assign(start=[p.start for p in spans], end=[p.end for p in spans])
        key = ["entity", "industry", "variable", "start", "end"]
        newest = frame.sort_values("order").groupby([*key, "source"], sort=False).tail(1)
        content = [
            row["text"] if row["variable"] in ("place", "industry", "size") else row["value"]
            for row in newest.to_dict("records")
        ]
        live = [
            {**row, "content": each}
            for row, each in zip(newest.to_dict("records"), content, strict=True)
            if each is not None and not (isinstance(each, float) and pd.isna(each))
        ]
        live.sort(key=lambda r: (SOURCES[r["source"]] == "strong", r["source_date"], r["order"]))
        best = {tuple(row[name] for name in key): row for row in live}
        return list(best.values())

    def at(self, variable: str, span: tuple[date, date]) -> dict[tuple[str, str], Any]:
        measure = MEASURES.get(variable, "flow" if variable == "gdp" else "attribute")
        by_entity: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for row in self.counting:
            if row["variable"] == variable:
                by_entity.setdefault((row["entity"], row["industry"]), []).append(row)
        found = {who: getattr(self, f"_{measure}")(rows, span) for who, rows in by_entity.items()}
        return {who: value for who, value in found.items() if value is not None}

    def _rate(self, rows: list[dict[str, Any]], span: tuple[date, date]) -> Any:
        return next((row["content"] for row in rows if (row["start"], row["end"]) == span), None)

    def _stock(self, rows: list[dict[str, Any]], span: tuple[date, date]) -> Any:
        inside = [row for row in rows if row["start"] >= span[0] and row["end"] <= span[1]]
        return max(inside, key=lambda r: (r["end"], r["end"] - r["start"]))["content"] if inside else None

    def _attribute(self, rows: list[dict[str, Any]], span: tuple[date, date]) -> Any:
        begun = [row for row in rows if row["start"] <= span[1]]
        return max(begun, key=lambda r: (r["start"], r["start"] - r["end"]))["content"] if begun else None

    def _flow(self, rows: list[dict[str, Any]], span: tuple[date, date]) -> Any:
        exact = self._rate(rows, span)
        if exact is not None:
            return exact
        tiled = self._tiled(rows, span)
        return tiled if tiled is not None else self._difference(rows, span)

    def _tiled(self, rows: list[dict[str, Any]], span: tuple[date, date]) -> Any:
        for parts in (self._units(span, 12), self._units(span, 3), self._units(span, 1)):
            if parts and parts != [span]:
                values = [self._calendar(rows, part) for part in parts]
                return sum(values) if None not in values else None
        return None

    def _calendar(self, rows: list[dict[str, Any]], span: tuple[date, date]) -> Any:
        exact = self._rate(rows, span)
        return exact if exact is not None else self._tiled(rows, span)

    def _units(self, span: tuple[date, date], months: int) -> list[tuple[date, date]]:
        """The span cut into whole calendar units, or nothing where they do not fit or there is only itself."""
        units, start = [], span[0]
        while start <= span[1]:
            if start.day != 1 or (start.month - 1) % months:
                return []
            number = start.year * 12 + start.month - 1 + months
            end = date(number // 12, number % 12 + 1, 1) - timedelta(days=1)
            if end > span[1]:
                return []
            units.append((start, end))
            start = end + timedelta(days=1)
        return [] if units == [span] else units

    def _difference(self, rows: list[dict[str, Any]], span: tuple[date, date]) -> Any:
        january = date(span[0].year, 1, 1)
        if span[0].year != span[1].year or span[0] == january:
            return None
        late = self._rate(rows, (january, span[1]))
        early = self._rate(rows, (january, span[0] - timedelta(days=1)))
        return None if late is None or early is None else late - early

    def firms(self, place: str, industry: str, span: tuple[date, date]) -> set[str]:
        places, industries = self.at("place", span), self.at("industry", span)
        found = set()
        for firm in (f"enterprise:{each}" for each in FIRMS):
            at = places.get((firm, ""), "city")
            inside = self._below(at, place, PLACES)
            if inside and (not industry or self._below(industries.get((firm, "")), industry, INDUSTRIES)):
                found.add(firm)
        return found

    def _below(self, key: str | None, above: str, parents: dict[str, str]) -> bool:
        while key:
            if key == above:
                return True
            key = parents[key]
        return False

    def over(self, variable: str, place: str, industry: str, span: tuple[date, date]) -> dict[str, Decimal]:
        counted = self.firms(place, industry, span)
        return {who: value for (who, cell), value in self.at(variable, span).items() if who in counted and not cell}

    def figure(self, indicator: str, place: str, industry: str, period: str) -> Decimal | None:
        parsed = Period.parse(period)
        value = self._formula(indicator, place, industry, (parsed.start, parsed.end))
        decimals = INDICATORS[indicator][2]
        return None if value is None else value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)

    def _formula(self, indicator: str, place: str, industry: str, span: tuple[date, date]) -> Decimal | None:
        def total(variable: str, when: tuple[date, date] = span) -> Decimal | None:
            values = self.over(variable, place, industry, when).values()
            return sum(values, Decimal(0)) if values else None

        output = self.over("output", place, industry, span)
        staff, margin = self.at("staff", span), self.at("margin", span)
        sizes = self.at("size", span)
        gdp = self.at("gdp", span).get((f"place:{place}", industry))
        match indicator:
            case "mean_output":
                return total("output") / len(output) if output else None  # type: ignore[operator]
            case "median_output":
                ordered = sorted(output.values())
                middle = len(ordered) // 2
                return (ordered[middle] + ordered[~middle]) / 2 if ordered else None
            case "most_staff":
                return max(self.over("staff", place, industry, span).values(), default=None)
            case "many_staff":
                values = self.over("staff", place, industry, span).values()
                return Decimal(sum(value >= 50 for value in values)) if values else None
            case "large_output":
                large = [value for who, value in output.items() if sizes.get((who, "")) == "large"]
                return sum(large, Decimal(0)) if large else None
            case "busy_output":
                busy = [
                    v
                    for w, v in output.items()
                    if (w, "") in staff and staff[w, ""] > 40 and (w, "") in margin and margin[w, ""] >= 10
                ]
                return sum(busy, Decimal(0)) if busy else None
            case "per_head":
                heads = total("staff")
                return None if not output or not heads else total("output") / heads  # type: ignore[operator]
            case "growth":
                before = total(
                    "output", (span[0].replace(year=span[0].year - 1), span[1].replace(year=span[1].year - 1))
                )
                now = total("output")
                return None if now is None or before is None or before <= 0 else now / before * 100 - 100
            case "to_date":
                return total("output", (date(span[0].year, 1, 1), span[1]))
            case "mixed":
                capital = total("capital")
                return None if not output or capital is None else total("output") * 2 - capital / 3  # type: ignore[operator]
            case "stated":
                return gdp
            case "share":
                return None if not output or not gdp else total("output") / gdp * 100  # type: ignore[operator]
            case _:
                return total(indicator.removeprefix("sum_"))
