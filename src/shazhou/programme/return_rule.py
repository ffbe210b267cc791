"""Rules of a collection: comparisons that the values of a return must satisfy, and what is wrong with such a rule.

    check: value(rd_expenditure) <= value(industrial_output)
    check: value(employees) <= 2 * (value(employees) - difference(value(employees)))

Both sides are formulas over ``value(…)`` of the return's variables (`shazhou.measure.formula`); ``yoy`` and
``difference`` compare with the values of a year before. Where a value is missing the rule says nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from shazhou.city.collection import Collection, ReturnRule
from shazhou.city.lines import read_yaml
from shazhou.city.model import City, Variable
from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.measure.dimension import dimension_of
from shazhou.measure.evaluate import NO_REFS, NOTHING, Found, evaluate
from shazhou.measure.expression import Expression, Leaf, leaves
from shazhou.measure.expression import variables as variables_of
from shazhou.measure.formula import LONGEST, NOWHERE, parse, parse_condition
from shazhou.measure.marks import QUALIFIER_MARKS

NO_COMPARISON = Rule(
    "collection-rule",
    "“{found}” is no comparison of two formulas.",
    "“{found}”不是两个公式的比较。",
    "Write it as value(rd) <= value(output), with one of < <= > >= ==.",
    "写法如 value(rd) <= value(output)，比较符可用 < <= > >= ==。",
)
NOT_OF_THE_RETURN = Rule(
    "collection-rule-variable",
    "The rule reads {found}, which is no value() of a number that the collection asks for.",
    "规则读取了 {found}，但它不是该报表数值指标项的 value()。",
    "Use value() of the collection's own numeric variables.",
    "请使用该报表自有数值指标项的 value()。",
)
UNLIKE = Rule(
    "collection-rule-unit",
    "The two sides of “{found}” are of unlike units.",
    "“{found}”两侧的单位不同类。",
    "Compare amounts of money with amounts of money, persons with persons.",
    "请将同类单位相互比较。",
)
NOT_AN_ATTRIBUTE = Rule(
    "collection-condition",
    "The reporters are chosen by {found}, which is no attribute of entities of the kind {kind}.",
    "报送对象按 {found} 选取，但它不是 {kind} 类主体的属性。",
    "Choose them by attributes, which hold until they are changed.",
    "请按属性选取，属性在变更前一直有效。",
)

_HOLDS: Mapping[type[ast.cmpop], Callable[[Decimal, Decimal], bool]] = {
    ast.Lt: lambda left, right: left < right,
    ast.LtE: lambda left, right: left <= right,
    ast.Gt: lambda left, right: left > right,
    ast.GtE: lambda left, right: left >= right,
    ast.Eq: lambda left, right: left == right,
}


Quantities = Mapping[str, tuple[Decimal, str]]
"""Numbers in base units with their qualifiers, by variable."""


class Comparison(NamedTuple):
    """A rule's check, parsed."""

    left: Expression
    operator: type[ast.cmpop]
    right: Expression

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that it reads."""
        both = (*leaves(self.left), *leaves(self.right))
        return tuple(dict.fromkeys(leaf.aggregate.variable for leaf in both))


@dataclass(frozen=True)
class Hit:
    """A rule that a return does not satisfy, with the two sides in base units and the variables they read."""

    rule: ReturnRule
    left: Decimal
    right: Decimal
    variables: tuple[str, ...]


def hits(city: City, collection: Collection, values: Quantities, year_before: Quantities) -> tuple[Hit, ...]:
    """The rules that a return does not satisfy, in the order of the collection.

    Args:
        city: definitions.
        collection: the collection, whose rules were checked with the city folder.
        values: what the return states.
        year_before: what is known of the same period a year before.
    """
    found = []
    for rule in collection.rules:
        comparison = parsed(rule.check, city.variables)
        left = _side(comparison.left, values, year_before)
        right = _side(comparison.right, values, year_before)
        if left is not None and right is not None and not _HOLDS[comparison.operator](left, right):
            found.append(Hit(rule, left, right, comparison.variables))
    return tuple(found)


def parsed(check: str, known: Mapping[str, Variable], where: Where = NOWHERE) -> Comparison:
    """The comparison that a rule's check means; Refused where it is none."""
    if len(check) <= LONGEST:
        try:
            tree = ast.parse(check.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise Refused([Problem(NO_COMPARISON, where, check)]) from None
        if isinstance(tree, ast.Compare) and len(tree.ops) == 1 and type(tree.ops[0]) in _HOLDS:
            left, right = (
                parse(ast.get_source_segment(check.strip(), side) or "", known, where)
                for side in (tree.left, tree.comparators[0])
            )
            return Comparison(left, type(tree.ops[0]), right)
    raise Refused([Problem(NO_COMPARISON, where, check)])


def check_collections(city: City) -> Iterator[Problem]:
    """Every problem of the collections' rules and of the conditions that choose reporters."""
    if not city.collections:
        return
    lined = read_yaml("collections.yaml", city.files["collections.yaml"])
    for collection in city.collections.values():
        if collection.reporters.where:
            yield from _of_condition(city, collection, lined.where((collection.id, "reporters", "where")))
        for number, rule in enumerate(collection.rules):
            yield from _of_rule(city, collection, rule, lined.where((collection.id, "rules", number, "check")))


def _of_condition(city: City, collection: Collection, where: Where) -> Iterator[Problem]:
    try:
        condition = parse_condition(collection.reporters.where, city.variables, where)
    except Refused as refused:
        yield from refused.problems
        return
    for name in variables_of(condition):
        variable = city.variables[name]
        if variable.measure != "attribute" or collection.of not in variable.of:
            yield Problem(NOT_AN_ATTRIBUTE, where, name, {"kind": collection.of})


def _of_rule(city: City, collection: Collection, rule: ReturnRule, where: Where) -> Iterator[Problem]:
    try:
        comparison = parsed(rule.check, city.variables, where)
        sides = [dimension_of(side, city.variables, where) for side in (comparison.left, comparison.right)]
    except Refused as refused:
        yield from refused.problems
        return
    if sides[0] != sides[1]:
        yield Problem(UNLIKE, where, rule.check)
    for leaf in (*leaves(comparison.left), *leaves(comparison.right)):
        plain = leaf.aggregate.function == "value" and not leaf.aggregate.kind and not leaf.cumulative
        if not plain or leaf.aggregate.variable not in collection.variables or leaf.years not in (0, -1):
            yield Problem(NOT_OF_THE_RETURN, where, leaf.aggregate.variable)


def _side(expression: Expression, values: Quantities, year_before: Quantities) -> Decimal | None:
    found = {leaf: [_leaf(leaf, year_before if leaf.years else values)] for leaf in leaves(expression)}
    quantity = evaluate(expression, found, 1)[0]
    return None if quantity is None else quantity.value


def _leaf(leaf: Leaf, known: Quantities) -> Found:
    if leaf.aggregate.variable not in known:
        return NOTHING
    value, qualifier = known[leaf.aggregate.variable]
    return Found(value, int(QUALIFIER_MARKS.get(qualifier, 0)), 1, 1, 1, NO_REFS)
