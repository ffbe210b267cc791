"""Random formulas and random evidence for the oracle.

A formula is drawn as a nested tuple (see `oracle`) and written as the text that the engine parses; what is added or
compared is always in one unit, as the formula language demands.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from small_city import INDUSTRIES, PLACES, SOURCES

FIRMS = ["a", "b", "c", "d"]
PERIODS = [
    *("2020", "2021", "2020-Q1", "2020-Q4", "2021-Q1", "2021-Q2", "2020-12", "2021-01", "2021-02", "2021-03"),
    *("2021-01-01/P2M", "2021-01-01/P5M", "2020-01-01/P2Y", "2021-01-01/P4M", "2021-02-14"),
]
ASKED = ["2021", "2020", "2021-Q1", "2021-02", "2021-05", "2021-01-01/P2M", "2020-01-01/P2Y", "2021-04-01/P9M"]
MONTHS = [f"2021-{month:02d}" for month in range(1, 13)]

amounts = st.integers(-500, 10_000_000).map(lambda n: Decimal(n) / 100) | st.integers(0, 10**25).map(Decimal)
constants = st.sampled_from([Decimal(n) for n in ("0", "10", "1000", "50000.5")])

comparisons = st.builds(
    lambda name, sign, constant: ("cmp", name, sign, constant),
    st.sampled_from(["output", "staff", "margin", "capital"]),
    st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
    constants,
)
sizes = st.builds(lambda sign, text: ("cmp", "size", sign, text), st.sampled_from(["==", "!="]), st.just("large"))
among = st.just(("in", "size", ("large", "middle"))) | st.just(("in", "staff", (Decimal(10), Decimal(1000))))
conditions = st.recursive(
    comparisons | sizes | among,
    lambda inner: st.one_of(
        st.builds(lambda a, b: ("and", (a, b)), inner, inner),
        st.builds(lambda a, b: ("or", (a, b)), inner, inner),
        inner.map(lambda a: ("not", a)),
    ),
    max_leaves=3,
)


def leaves(*variables: str) -> st.SearchStrategy[Any]:
    functions = st.sampled_from(["sum", "sum", "mean", "median", "min", "max"])
    return st.tuples(functions, st.sampled_from(variables), st.none() | conditions)


def growing(unit: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Expressions of one unit over leaves of it."""
    return st.recursive(
        unit,
        lambda inner: st.one_of(
            st.tuples(st.sampled_from(["+", "-"]), inner, inner),
            st.tuples(st.sampled_from(["*", "/"]), inner, constants),
            st.tuples(st.sampled_from(["neg", "cumulative", "difference"]), inner),
        ),
        max_leaves=3,
    )


money = growing(
    leaves("output", "capital") | st.tuples(st.just("value"), st.just("gdp"), st.sampled_from(["actual", "target"]))
)
people = growing(leaves("staff"))
numbers = st.tuples(st.just("count"), st.sampled_from(["output", "staff", "size"]), st.none() | conditions) | st.tuples(
    st.just("count?"), conditions, st.none() | conditions
)
same = money.flatmap(lambda one: st.tuples(st.just(one), money)) | st.tuples(people, people)
percents = same.map(lambda pair: ("share", *pair)) | (money | people).map(lambda one: ("yoy", one))
quotients = st.tuples(st.sampled_from(["/", "*"]), money, people | numbers)
formulas = st.one_of(
    st.tuples(money, st.just("cny")),
    st.tuples(people, st.just("persons")),
    st.tuples(numbers, st.just("count")),
    st.tuples(percents | leaves("margin"), st.just("percent")),
    st.tuples(quotients, st.just("cny")),
)


def written(formula: Any) -> str:
    """A formula as the text that the engine reads."""
    match formula:
        case Decimal():
            return str(formula)
        case ("neg", part):
            return f"-({written(part)})"
        case ("+" | "-" | "*" | "/" as operator, left, right):
            return f"({written(left)}) {operator} ({written(right)})"
        case ("yoy" | "difference" | "cumulative" as name, part):
            return f"{name}({written(part)})"
        case ("share", part, whole):
            return f"share({written(part)}, {written(whole)})"
        case ("value", variable, kind):
            return f'value({variable}, kind="{kind}")'
        case ("count?", test, where):
            return f"count({_condition(test)}{_where(where)})"
    function, variable, where = formula
    return f"{function}({variable}{_where(where)})"


def _where(condition: Any) -> str:
    return "" if condition is None else f", where={_condition(condition)}"


def _condition(condition: Any) -> str:
    match condition:
        case ("cmp", name, sign, constant):
            return f"{name} {sign} {_constant(constant)}"
        case ("in", name, listed):
            return f"{name} in ({', '.join(map(_constant, listed))})"
        case ("not", part):
            return f"not ({_condition(part)})"
    word, parts = condition
    return f" {word} ".join(f"({_condition(part)})" for part in parts)


def _constant(constant: Decimal | str) -> str:
    return f'"{constant}"' if isinstance(constant, str) else str(constant)


firms = st.sampled_from([f"enterprise:{firm}" for firm in FIRMS])
stated = {
    "source": st.sampled_from(sorted(SOURCES)),
    "source_date": st.sampled_from(["", "2021", "2022-05-01"]),
    "origin": st.sampled_from(["", "", "", "simulated"]),
}
texts = st.one_of(
    st.tuples(st.just("place"), st.sampled_from(["north", "east", "place:west", "south", "city"])),
    st.tuples(st.just("industry"), st.sampled_from(sorted(INDUSTRIES))),
    st.tuples(st.just("industry_code"), st.sampled_from(["31", "311", "17"])),
    st.tuples(st.just("size"), st.sampled_from(["large", "middle", "small"]) | st.none()),
    st.tuples(st.just("same_as"), firms | st.none()),
)
about_firms = st.builds(
    lambda row, pair: [{**row, "variable": pair[0], "text": pair[1]}],
    st.fixed_dictionaries({"entity": firms, "period": st.sampled_from(["2019", "2020", "2021-02", "2021"]), **stated}),
    texts,
)
numeric = st.fixed_dictionaries(
    {
        "entity": firms,
        "variable": st.sampled_from(["output", "output", "staff", "margin", "capital"]),
        "period": st.sampled_from(PERIODS),
        "value": st.none() | amounts | amounts,
        **stated,
    }
).map(lambda row: [row])
about_places = st.fixed_dictionaries(
    {
        "entity": st.sampled_from([f"place:{place}" for place in PLACES]),
        "variable": st.just("gdp"),
        "kind": st.sampled_from(["actual", "actual", "target"]),
        "industry": st.sampled_from(["", "", "metal", "steel"]),
        "period": st.sampled_from(PERIODS),
        "value": st.none() | amounts | amounts,
        **stated,
    }
).map(lambda row: [row])
february = [f"{date(2021, 2, 1) + timedelta(days=day)}" for day in range(28)]
series = st.builds(
    lambda row, periods, start, without: [
        {**row, "period": period, "value": start + number} for number, period in enumerate(periods) if number != without
    ],
    st.fixed_dictionaries({"entity": firms, "variable": st.just("output"), "source": st.just("office")}),
    st.sampled_from([MONTHS, february, ["2020-Q1", "2020-Q2", "2020-Q3", "2020-Q4"]]),
    amounts,
    st.sampled_from([-1, -1, 3]),
)
submissions = st.lists(
    st.lists(about_firms | about_firms | numeric | numeric | about_places | series, min_size=1, max_size=20).map(
        lambda parts: [row for part in parts for row in part]
    ),
    min_size=1,
    max_size=4,
)
cells = st.lists(
    st.tuples(st.sampled_from(sorted(PLACES)), st.sampled_from(["", "", *sorted(INDUSTRIES)]), st.sampled_from(ASKED)),
    min_size=1,
    max_size=6,
    unique=True,
)
