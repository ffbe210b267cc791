"""Random formulas and random evidence for the oracle.

A formula is drawn as a nested tuple (see `oracle`) and written as the text that the engine parses; what is added or
compared is always in one unit, as the formula language demands.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

from hypothesis import strategies as st
from small_city import INDUSTRIES, PLACES, SOURCES

FIRMS = [f"enterprise:{name}" for name in "abcde"]
NUMBERS = ("output", "staff", "margin", "capital")
TEXTS = {
    "place": ["north", "east", "place:west", "south", "city"],
    "industry": sorted(INDUSTRIES),
    "industry_code": ["31", "311", "17"],
    "size": ["large", "middle", "small"],
    "same_as": FIRMS,
}
SINCE = ["2019", "2020", "2021-02", "2021-02-14"]
PERIODS = [
    *("2020", "2021", "2020-Q1", "2020-Q4", "2021-Q1", "2021-Q2", "2020-12", "2021-01", "2021-02", "2021-03"),
    *("2021-01-01/P2M", "2021-01-01/P5M", "2020-01-01/P2Y", "2021-01-01/P4M", "2021-02-14"),
]
ASKED = [
    "2021",
    "2020",
    "2021-Q1",
    "2021-02",
    "2021-05",
    "2021-01-01/P2M",
    "2020-01-01/P2Y",
    "2021-04-01/P9M",
    "2021-02-14",
]
MONTHS = [f"2021-{month:02d}" for month in range(1, 13)]

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


maybe = st.one_of(st.none(), st.none(), conditions)


def leaves(*variables: str) -> st.SearchStrategy[Any]:
    functions = st.sampled_from(["sum", "sum", "mean", "median", "min", "max"])
    return st.tuples(functions, st.sampled_from(variables), maybe)


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
numbers = st.tuples(st.just("count"), st.sampled_from(["output", "staff", "size"]), maybe) | st.tuples(
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


class Habit(NamedTuple):
    """How a variable is stated in one example: by whom, how often simulated, and how often withdrawn."""

    sources: list[str]
    simulated: float
    withdrawn: float


def evidence(seed: int) -> list[list[dict[str, Any]]]:
    """One to four deliveries: much is stated, by one source or several, then corrected, contradicted and withdrawn."""
    random = Random(seed)
    habits = {
        name: Habit(
            random.choice([["office"], sorted(SOURCES)]), random.choice([0, 0.1]), random.choice([0, 0.15, 0.15])
        )
        for name in (*NUMBERS, *TEXTS, "gdp")
    }
    first, *later = [_delivery(random, habits, share) for share in (0.5, 0.1, 0.1, 0.1)[: random.randint(1, 4)]]
    days = [f"{date(2021, 2, 1) + timedelta(days=number)}" for number in range(28)]
    daily = [_row(random, habits["output"], FIRMS[0], "output", day) for day in days]
    return [first + (daily if random.random() < 0.3 else []), *later]


def _delivery(random: Random, habits: dict[str, Habit], share: float) -> list[dict[str, Any]]:
    """Rows about so large a share of everything that can be stated."""
    keys: list[tuple[str, str, str, dict[str, str]]] = []
    for firm in FIRMS:
        keys += [(firm, name, period, {}) for name in NUMBERS for period in PERIODS]
        keys += [(firm, name, period, {}) for name in TEXTS if name != "same_as" for period in SINCE]
        keys += [(firm, "output", month, {}) for month in MONTHS]
        keys += [(firm, "same_as", "2019", {})] if random.random() < 0.1 else []
    for place in PLACES:
        for industry in ("", "metal", "steel"):
            more = {"industry": industry, "kind": random.choice(["actual", "actual", "target"])}
            keys += [(f"place:{place}", "gdp", period, more) for period in PERIODS]
    rows = []
    for entity, variable, period, more in keys:
        if random.random() < share:
            times = random.choice([1, 1, 2, 3])
            rows += [_row(random, habits[variable], entity, variable, period) | more for _ in range(times)]
    return rows


def _row(random: Random, habit: Habit, entity: str, variable: str, period: str) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if random.random() >= habit.withdrawn:
        value = random.randint(-500, 10_000_000) if random.random() < 0.7 else random.randint(0, 10**14)
        content = {"text": random.choice(TEXTS[variable])} if variable in TEXTS else {"value": Decimal(value) / 100}
    return {
        "entity": entity,
        "variable": variable,
        "period": period,
        "source": random.choice(habit.sources),
        "source_date": random.choice(["", "2021", "2022-05-01"]),
        "origin": "simulated" if random.random() < habit.simulated else "",
        **content,
    }


cells = st.lists(
    st.tuples(
        st.sampled_from(["city", "city", "city", *sorted(PLACES)]),
        st.sampled_from(["", "", "", *sorted(INDUSTRIES)]),
        st.sampled_from(ASKED),
    ),
    min_size=3,
    max_size=8,
    unique=True,
)
