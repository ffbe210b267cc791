"""The formula language: a small, safe, Python-like notation for indicators.

    sum(output) / sum(employees)
    count(online_days >= 20)
    sum(output, where=industry == "metallurgy" and size == "large")
    yoy(value(gdp))
    share(value(secondary_value_added), value(gdp))

Functions over entities: ``sum count mean median min max``, with an optional ``where=``; ``value(v)`` reads what is
stated of the place (and industry) itself, ``value(v, kind="target")`` what is stated as a target. Over expressions:
``share(a, b)`` in percent, ``ratio(a, b)``, ``difference(a)`` and ``yoy(a)`` against a year earlier,
``cumulative(a)`` from 1 January; and ``+ - * /``. A condition compares attributes with texts and numeric variables
with numbers, joined by ``and or not in``.

A formula is parsed with `ast` and only a whitelist of nodes gets through; nothing is ever evaluated as Python. Every
problem points at its place with a caret.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import cast, get_args

from shazhou.city.model import Variable
from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.measure.expression import (
    Aggregate,
    Among,
    AnyOf,
    Binary,
    Compare,
    Comparison,
    Condition,
    Cumulative,
    Difference,
    Every,
    Expression,
    Function,
    Growth,
    Negative,
    Not,
    Number,
    Operator,
    Share,
    leaves,
    variables,
)

LONGEST = 1_000
"""Characters in a formula at most; no indicator of the field comes near it."""

DEEPEST = 40
"""Brackets and signs within one another at most."""

SYNTAX = Rule(
    "formula-syntax",
    "This is not a formula: {why}.",
    "这不是有效的公式：{why_zh}。",
    "Mend it at the caret; the notation is that of sum(output) / sum(employees).",
    "请在插入符所指处修改；写法如 sum(output) / sum(employees)。",
)
NOT_ALLOWED = Rule(
    "formula-not-allowed",
    "{found} is not part of the formula language.",
    "公式语言中没有 {found}。",
    "Use the functions {functions}, arithmetic, and conditions inside where=.",
    "可用函数：{functions}，以及四则运算和 where= 条件。",
)
UNKNOWN_VARIABLE = Rule(
    "formula-unknown-variable",
    "There is no variable {found}.",
    "没有名为 {found} 的指标项。",
    "Define it in variables.yaml or correct the name{hint}.",
    "请在 variables.yaml 中定义它，或改正名称{hint}。",
)
WRONG_ARGUMENTS = Rule(
    "formula-arguments",
    "{function} takes {takes}.",
    "{function} 的参数应为：{takes_zh}。",
    "Write it as {example}.",
    "应写作 {example}。",
)
BARE_VARIABLE = Rule(
    "formula-arguments",
    "The variable {found} stands alone; a formula says what to do with it.",
    "指标项 {found} 单独出现，公式须说明如何使用它。",
    "Write {example} for what is stated, or sum, count, mean … over entities.",
    "取已有数值写作 {example}，对主体汇总可用 sum、count、mean 等。",
)
NOT_NUMERIC = Rule(
    "formula-type",
    "{found} is a text, {function} needs a number.",
    "{found} 是文本，{function} 需要数值。",
    "Add up and compare numbers only; texts can be counted and compared for being equal.",
    "只有数值可以汇总；文本只能计数或比较是否相同。",
)
TEXT_WITH_NUMBER = Rule(
    "formula-type",
    "{variable} is a text and cannot be compared with the number {found}.",
    "{variable} 是文本，不能与数字 {found} 比较。",
    "Put the text into quotes.",
    "请把文本放在引号中。",
)
NUMBER_WITH_TEXT = Rule(
    "formula-type",
    "{variable} is a number and cannot be compared with the text {found}.",
    "{variable} 是数值，不能与文本 {found} 比较。",
    "Write the number without quotes.",
    "请写不带引号的数字。",
)
ORDER_OF_TEXTS = Rule(
    "formula-type",
    "Texts can only be equal or different: {found}.",
    "文本只能比较是否相同：{found}。",
    "Use == or !=.",
    "请使用 == 或 !=。",
)

NOTHING_HOLDS_BOTH = Rule(
    "formula-no-entity-holds-both",
    "{found} is observed of {theirs}, {variable} of {ours}: no entity has both.",
    "{found} 的观测主体是 {theirs}，{variable} 的是 {ours}，没有主体同时具备两者。",
    "Compare a variable of the same kind of entity.",
    "请使用同类主体的指标项。",
)

NO_EVIDENCE = Rule(
    "formula-without-evidence",
    "{found} names no variable, so nothing anybody observed stands behind its result.",
    "{found} 没有用到任何指标项，其结果没有观测值作依据。",
    "Use a variable, as in value(gdp); a number on its own is evidence and belongs in a document that is loaded.",
    "请使用指标项，如 value(gdp)；单独的数字应作为观测值写入文件后导入。",
)

_OVER_ENTITIES = get_args(Function)
_OVER_EXPRESSIONS = {"share": 2, "ratio": 2, "difference": 1, "yoy": 1, "cumulative": 1}
FUNCTIONS = (*_OVER_ENTITIES, *_OVER_EXPRESSIONS)
_EXAMPLES = {
    "value": "value(gdp)",
    "count": "count(online_days >= 20)",
    "share": "share(value(secondary_value_added), value(gdp))",
    "ratio": "ratio(sum(output), sum(employees))",
}
_COMPARISONS: dict[type[ast.cmpop], Comparison] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_OPERATORS: dict[type[ast.operator], Operator] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


NOWHERE = Where()
"""Where a formula stands that is in no file."""


def parse(formula: str, known: Mapping[str, Variable], where: Where = NOWHERE) -> Expression:
    """The expression that a formula means.

    Args:
        formula: the text.
        known: the variables that may be named in it.
        where: file and line it stands at, for problems.

    Raises:
        Refused: with one problem, whose caret stands at the place.
    """
    return _Parser(formula, known, where).expression()


def parse_condition(condition: str, known: Mapping[str, Variable], where: Where = NOWHERE) -> Condition:
    """The condition that a text means, as it stands after ``where=`` in a formula.

    Raises:
        Refused: with one problem, whose caret stands at the place.
    """
    return _Parser(condition, known, where).condition()


class _Parser:
    def __init__(self, formula: str, known: Mapping[str, Variable], where: Where) -> None:
        self._text = formula
        self._variables = known
        self._where = where

    def expression(self) -> Expression:
        tree = self._tree()
        expression = self._expression(tree)
        if not leaves(expression):
            raise self._refused(NO_EVIDENCE, tree)
        return expression

    def condition(self) -> Condition:
        return self._condition(self._tree())

    def _tree(self) -> ast.expr:
        if len(self._text) > LONGEST:
            values = {"why": f"longer than {LONGEST} characters", "why_zh": f"超过 {LONGEST} 个字符"}
            raise self._refused(SYNTAX, None, **values)
        if _depth(self._text) > DEEPEST:
            values = {"why": f"nested deeper than {DEEPEST}", "why_zh": f"嵌套超过 {DEEPEST} 层"}
            raise self._refused(SYNTAX, None, **values)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SyntaxWarning)
                return ast.parse(self._text.strip(), mode="eval").body
        except SyntaxError as error:
            offset = max((error.offset or 1) - 1, 0)
            place = offset if error.lineno in (None, 1) else None
            raise self._refused(SYNTAX, place, why=error.msg, why_zh="插入符所指处写法有误") from None
        except (ValueError, RecursionError, MemoryError) as error:
            why = str(error) or "too deeply nested"
            raise self._refused(SYNTAX, None, why=why, why_zh="含有不能识别的字符或嵌套过深") from None

    def _expression(self, node: ast.expr) -> Expression:
        match node:
            case ast.Constant():
                return Number(self._number(node))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Negative(self._expression(operand))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                return Binary(_OPERATORS[type(op)], self._expression(left), self._expression(right))
            case ast.Call(func=ast.Name(id=name)) if name in _OVER_ENTITIES:
                return self._aggregate(node, cast(Function, name))
            case ast.Call(func=ast.Name(id=name)) if name in _OVER_EXPRESSIONS:
                return self._composed(node, name)
            case ast.Name(id=name) if name in self._variables:
                raise self._refused(BARE_VARIABLE, node, example=f"value({name})")
        raise self._not_allowed(node)

    def _composed(self, node: ast.Call, name: str) -> Expression:
        count = _OVER_EXPRESSIONS[name]
        if len(node.args) != count or node.keywords:
            takes, takes_zh = ("one expression", "一个表达式") if count == 1 else ("two expressions", "两个表达式")
            example = _EXAMPLES.get(name, f"{name}(value(gdp))")
            raise self._refused(WRONG_ARGUMENTS, node, function=name, takes=takes, takes_zh=takes_zh, example=example)
        operands = [self._expression(argument) for argument in node.args]
        match name:
            case "share":
                return Share(*operands)
            case "ratio":
                return Binary("/", *operands)
            case "difference":
                return Difference(*operands)
            case "yoy":
                return Growth(*operands)
            case _:
                return Cumulative(*operands)

    def _aggregate(self, node: ast.Call, function: Function) -> Aggregate:
        where, kind = self._options(node, function)
        argument = node.args[0]
        if function == "count" and not isinstance(argument, ast.Name):
            test = self._condition(argument)
            self._held_together(node, variables(test)[0], (*variables(test), *variables(where)))
            return Aggregate("count", variables(test)[0], test, where, kind)
        variable = self._variable(argument)
        self._held_together(node, variable.id, variables(where))
        if function != "count" and variable.type not in ("number", "integer"):
            raise self._refused(NOT_NUMERIC, argument, function=function)
        return Aggregate(function, variable.id, None, where, kind)

    def _held_together(self, node: ast.expr, name: str, others: tuple[str, ...]) -> None:
        ours = self._variables[name].of
        for found in ast.walk(node):
            if isinstance(found, ast.Name) and found.id in others:
                theirs = self._variables[found.id].of
                if not set(ours) & set(theirs):
                    values = {"variable": name, "ours": ", ".join(ours), "theirs": ", ".join(theirs)}
                    raise self._refused(NOTHING_HOLDS_BOTH, found, **values)

    def _options(self, node: ast.Call, function: Function) -> tuple[Condition | None, str]:
        allowed = {"kind"} if function == "value" else {"where", "kind"}
        names = [keyword.arg for keyword in node.keywords]
        if len(node.args) != 1 or set(names) - allowed or len(names) != len(set(names)):
            options = ", where=, kind=" if "where" in allowed else ", kind="
            values = {"takes": f"one variable{options}", "takes_zh": f"一个指标项{options}"}
            example = _EXAMPLES.get(function, f"{function}(output)")
            raise self._refused(WRONG_ARGUMENTS, node, function=function, example=example, **values)
        where, kind = None, ""
        for keyword in node.keywords:
            if keyword.arg == "where":
                where = self._condition(keyword.value)
            else:
                kind = self._kind(keyword.value)
        return where, kind

    def _kind(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant) and node.value in ("actual", "target", "forecast"):
            return str(node.value)
        kinds = '"actual" | "target" | "forecast"'
        raise self._refused(
            WRONG_ARGUMENTS, node, function="kind", takes=kinds, takes_zh=kinds, example='kind="target"'
        )

    def _condition(self, node: ast.expr) -> Condition:
        match node:
            case ast.BoolOp(op=op, values=values):
                parts = tuple(self._condition(value) for value in values)
                return Every(parts) if isinstance(op, ast.And) else AnyOf(parts)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(self._condition(operand))
            case ast.Compare(left=left, ops=[ast.In()], comparators=[ast.Tuple(elts=items) | ast.List(elts=items)]):
                variable = self._variable(left)
                return Among(variable.id, tuple(self._constant(item, variable) for item in items))
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
                variable = self._variable(left)
                constant = self._constant(right, variable)
                return Compare(variable.id, self._comparison(node, op, constant), constant)
        raise self._not_allowed(node)

    def _comparison(self, node: ast.expr, op: ast.cmpop, constant: Decimal | str) -> Comparison:
        comparison = _COMPARISONS[type(op)]
        if isinstance(constant, str) and comparison not in ("==", "!="):
            raise self._refused(ORDER_OF_TEXTS, node)
        return comparison

    def _constant(self, node: ast.expr, variable: Variable) -> Decimal | str:
        numeric = variable.type in ("number", "integer")
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if numeric:
                raise self._refused(NUMBER_WITH_TEXT, node, variable=variable.id)
            return node.value
        sign = -1 if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else 1
        inner = node.operand if isinstance(node, ast.UnaryOp) and sign < 0 else node
        if not isinstance(inner, ast.Constant):
            raise self._not_allowed(node)
        if not numeric:
            raise self._refused(TEXT_WITH_NUMBER, node, variable=variable.id)
        return sign * self._number(inner)

    def _number(self, node: ast.Constant) -> Decimal:
        if isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
            segment = (ast.get_source_segment(self._text.strip(), node) or "").replace("_", "")
            try:
                number = Decimal(segment)
            except InvalidOperation:
                raise self._not_allowed(node) from None
            if number.is_finite() and abs(number.adjusted()) <= 28:
                return number
        raise self._not_allowed(node)

    def _variable(self, node: ast.expr) -> Variable:
        if not isinstance(node, ast.Name):
            raise self._not_allowed(node)
        variable = self._variables.get(node.id)
        if variable is None:
            raise self._refused(UNKNOWN_VARIABLE, node, hint=_hint(node.id, self._variables))
        return variable

    def _not_allowed(self, node: ast.expr) -> Refused:
        return self._refused(NOT_ALLOWED, node, functions=", ".join(FUNCTIONS))

    def _refused(self, rule: Rule, at: ast.expr | int | None, **values: str) -> Refused:
        stripped = self._text.strip()
        found, offset = stripped, at if isinstance(at, int) else 0
        if isinstance(at, ast.expr):
            found = ast.get_source_segment(stripped, at) or stripped
            line = stripped.splitlines()[at.lineno - 1] if at.lineno == 1 else ""
            offset = len(line.encode()[: at.col_offset].decode(errors="ignore")) if line else 0
        place = Where(
            self._where.file, self._where.sheet, self._where.row, self._where.column or "formula", stripped, offset
        )
        return Refused([Problem(rule, place, found, values)])


def _depth(text: str) -> int:
    depth = deepest = signs = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        signs = signs + 1 if character in "-+~" else 0 if character.strip() else signs
        deepest = max(deepest, depth, signs)
    return max(deepest, text.count("not "))


def _hint(name: str, known: Mapping[str, Variable]) -> str:
    close = get_close_matches(name, known, 1)
    return f" ({close[0]}?)" if close else ""
