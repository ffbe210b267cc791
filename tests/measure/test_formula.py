"""The formula language: what it means, and that it refuses everything else with a caret at the place."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_city import VARIABLES, named

from shazhou.city.model import Variable
from shazhou.city.problem import Refused
from shazhou.measure.expression import Aggregate, AnyOf, Binary, Compare, Every, Growth, Number, leaves
from shazhou.measure.formula import parse

KNOWN = {
    name: Variable(id=name, name=named(name), **json.loads(json.dumps(fields))) for name, fields in VARIABLES.items()
}


def test_arithmetic_and_precedence() -> None:
    tree = parse("sum(output) / sum(staff) * 1.50", KNOWN)
    assert tree == Binary(
        "*", Binary("/", Aggregate("sum", "output"), Aggregate("sum", "staff")), Number(Decimal("1.50"))
    )


def test_conditions() -> None:
    tree = parse('sum(output, where=size == "large" and (staff > 10 or staff <= 2))', KNOWN)
    staff = AnyOf((Compare("staff", ">", Decimal(10)), Compare("staff", "<=", Decimal(2))))
    assert tree == Aggregate("sum", "output", where=Every((Compare("size", "==", "large"), staff)))


def test_growth_reads_two_years() -> None:
    tree = parse("yoy(value(gdp))", KNOWN)
    assert tree == Growth(Aggregate("value", "gdp"))
    assert [leaf.years for leaf in leaves(tree)] == [0, -1]


@pytest.mark.parametrize(
    ("formula", "rule", "found", "offset"),
    [
        ("sum(outptu)", "formula-unknown-variable", "outptu", 4),
        ("sum(output) + ", "formula-syntax", None, None),
        ("output", "formula-arguments", "output", 0),
        ("sum(size)", "formula-type", "size", 4),
        ('sum(output, where=staff == "x")', "formula-type", '"x"', 27),
        ("sum(output, where=size == 3)", "formula-type", "3", 26),
        ('sum(output, where=size < "a")', "formula-type", 'size < "a"', 18),
        ("sum(output, where=gdp > 5)", "formula-no-entity-holds-both", "gdp", 18),
        ("count(size == 'a' and gdp > 5)", "formula-no-entity-holds-both", "gdp", 22),
        ("__import__('os')", "formula-not-allowed", "__import__('os')", 0),
        ("sum(output).real", "formula-not-allowed", "sum(output).real", 0),
        ("sum(output) ** 2", "formula-not-allowed", "sum(output) ** 2", 0),
        ("(lambda: 1)()", "formula-not-allowed", "(lambda: 1)()", 0),
        ("[1, 2]", "formula-not-allowed", "[1, 2]", 0),
        ("sum(output, staff)", "formula-arguments", "sum(output, staff)", 0),
        ("value(gdp, where=size == 'a')", "formula-arguments", "value(gdp, where=size == 'a')", 0),
        ("share(sum(output))", "formula-arguments", "share(sum(output))", 0),
        ('value(gdp, kind="plan")', "formula-arguments", '"plan"', 16),
        ("1e999", "formula-not-allowed", "1e999", 0),
        ("True", "formula-not-allowed", "True", 0),
        ("9999", "formula-without-evidence", "9999", 0),
        (" -(3 + 4) * 2", "formula-without-evidence", "-(3 + 4) * 2", 0),
        ("yoy(5)", "formula-without-evidence", "yoy(5)", 0),
        ("", "formula-syntax", None, None),
        ("(" * 41 + "1" + ")" * 41, "formula-syntax", None, None),
        ("1" + "+1" * 600, "formula-syntax", None, None),
    ],
)
def test_refused_with_a_caret(formula: str, rule: str, found: str | None, offset: int | None) -> None:
    with pytest.raises(Refused) as refused:
        parse(formula, KNOWN)
    (problem,) = refused.value.problems
    assert problem.rule.id == rule
    assert found is None or problem.found == found
    assert offset is None or problem.where.offset == offset


def test_caret_counts_characters_not_bytes() -> None:
    with pytest.raises(Refused) as refused:
        parse('count(size == "大型") + sum(nothing)', KNOWN)
    (problem,) = refused.value.problems
    assert problem.where.text[problem.where.offset :].startswith("nothing")


PIECES = st.sampled_from(
    [
        *(
            "sum",
            "count",
            "yoy",
            "(",
            ")",
            ",",
            "output",
            "size",
            "where=",
            "==",
            '"x"',
            "+",
            "-",
            "/",
            "1",
            "2.5",
            " ",
        ),
        *(
            "not ",
            "and",
            "in",
            "value",
            "gdp",
            "kind=",
            "'",
            "\\",
            "0x1",
            "é",
            "大",
            "\0",
            "lambda",
            ":",
            "[",
            "]",
            "*",
        ),
        *("**", "\n"),
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=60))
def test_anything_else_is_refused_with_a_place(formula: str) -> None:
    assert_understood_or_refused(formula)


@pytest.mark.slow
@settings(max_examples=35_000, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=60))
def test_anything_else_is_refused_with_a_place_many(formula: str) -> None:
    assert_understood_or_refused(formula)


def assert_understood_or_refused(formula: str) -> None:
    try:
        parse(formula, KNOWN)
    except Refused as refused:
        for problem in refused.problems:
            assert problem.where.column and problem.where.offset is not None


@pytest.mark.parametrize("formula", ["gdp", "share(value(gdp))", "sum(output, 3)", "value(gdp", "99", "1" + "+1" * 600])
def test_the_chinese_sentence_of_a_refusal_is_whole(formula: str) -> None:
    with pytest.raises(Refused) as refused:
        parse(formula, KNOWN)
    (problem,) = refused.value.problems
    assert "{" not in problem.says("zh") and "{" not in problem.says("en")
    english = ("expression", "variable", "longer", "characters", "never closed")
    assert not any(word in problem.says("zh") for word in english)
