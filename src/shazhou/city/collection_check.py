"""Collections that cannot work: names nothing defines, variables nobody can state so often, and questions asked twice.

**Ask once**: what one collection brings no other asks for. (What a mapping loads no collection asks for either; that
check stands with the mappings.)
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from shazhou.city.collection import Collection
from shazhou.city.model import Variable
from shazhou.city.problem import Problem, Rule
from shazhou.city.reading import Reading

FILE = "collections.yaml"

NAMING = ("name", "alias")
"""Attributes by which reporters are known."""

NOT_DEFINED = Rule(
    "collection-unknown-name",
    "{field} names {found}, which is not defined in {file}.",
    "{field} 引用了 {found}，但 {file} 中没有定义。",
    "Define it there, or correct the name.",
    "请在该处定义，或改正名称。",
)
WRONG_KIND = Rule(
    "collection-kind",
    "The collection is about entities of the kind {kind}; {found} is not of that kind.",
    "该报表的报送对象类别为 {kind}，{found} 不属于该类别。",
    "Correct the name, or add the kind to the variable's of: in variables.yaml.",
    "请改正名称，或在 variables.yaml 中为该指标项的 of 补充该类别。",
)
WRONG_FREQUENCY = Rule(
    "collection-frequency",
    "The collection is made every period of frequency {frequency}, but {found} is observed with frequency {theirs}.",
    "该报表的频率为 {frequency}，而指标项 {found} 的频率为 {theirs}。",
    "Ask for it in a collection of frequency {theirs}, or correct one of the two.",
    "请放入频率为 {theirs} 的报表，或改正其中之一。",
)
FREE_TEXT = Rule(
    "collection-free-text",
    "{found} is a free text, which nobody can check or add up.",
    "{found} 是自由文本，无法校验，也无法汇总。",
    "Ask for a number, a date, a code or a text with listed values; every cell has a note for remarks.",
    "请改为数值、日期、代码或限定取值的文本；说明文字可写在单元格备注中。",
)
NOT_ASKED = Rule(
    "collection-not-asked",
    "{field} names {found}, which the collection does not ask for.",
    "{field} 引用了 {found}，但该报表没有这一指标项。",
    "Add it to the collection's variables, or take it off.",
    "请将其列入该报表的 variables，或从此处去掉。",
)
ASKED_TWICE = Rule(
    "ask-once",
    "{found} is asked of every {kind} by the collection {first} already.",
    "{found} 已由报表 {first} 向同类主体（{kind}）收取。",
    "Take it off this collection: what was reported once comes prefilled everywhere.",
    "请从本报表中去掉：已报送的数据会在各处自动带出。",
)
LISTED_TWICE = Rule(
    "collection-listed-twice",
    "{found} is listed twice in {field}.",
    "{found} 在 {field} 中重复列出。",
    "Keep one of the two.",
    "请只保留一处。",
)
PUBLIC_SOURCE = Rule(
    "collection-source-public",
    "{found} is a public source; returns of single reporters are not.",
    "{found} 是公开来源，而单个主体的报送数据不公开。",
    "Say public: false of that source, or give the collection a source of its own.",
    "请将该来源设为 public: false，或为该报表另设来源。",
)
ACCOUNT_SHAPE = Rule(
    "collection-account",
    "{found} cannot hold accounts of a collection: they are integers, flows of frequency {frequency}, from 0 to 1.",
    "{found} 不能用作报送登记：应为频率 {frequency}、取值 0 至 1 的整数流量指标项。",
    "Define a variable for it with type: integer, measure: flow, minimum: 0, maximum: 1.",
    "请为其定义指标项：type: integer，measure: flow，minimum: 0，maximum: 1。",
)


def collection_problems(reading: Reading) -> Iterator[Problem]:
    """Every problem of the collections beyond the shape of their fields."""
    brought: dict[tuple[str, str], str] = {}
    for collection in reading.collections.values():
        yield from _Check(reading, collection, brought).problems()


class _Check:
    def __init__(self, reading: Reading, collection: Collection, brought: dict[tuple[str, str], str]) -> None:
        self._reading = reading
        self._of = collection
        self._brought = brought

    def problems(self) -> Iterator[Problem]:
        yield from self._names()
        for number, name in enumerate(self._of.variables):
            variable = self._reading.variables.get(name)
            if name in self._of.variables[:number]:
                yield self._problem(LISTED_TWICE, ("variables", number), name, field=f"{self._of.id}.variables")
            elif variable is not None:
                yield from self._variable(variable, number)
        for number, name in enumerate(self._of.required):
            if name not in self._of.variables:
                yield self._problem(NOT_ASKED, ("required", number), name, field=f"{self._of.id}.required")
        for number, entity in enumerate(self._of.reporters.entities):
            if not entity.startswith(f"{self._of.of}:"):
                yield self._problem(WRONG_KIND, ("reporters", "entities", number), entity, kind=self._of.of)
        naming = [self._reading.variables[name] for name in NAMING if name in self._reading.variables]
        if naming and not any(self._of.of in each.of for each in naming):
            yield self._problem(WRONG_KIND, ("of",), naming[0].id, kind=self._of.of)
        source = self._reading.sources.get(self._of.source)
        if source is not None and source.public:
            yield self._problem(PUBLIC_SOURCE, ("source",), source.id)
        yield from self._accounts()

    def _names(self) -> Iterator[Problem]:
        of, accounts = self._of, self._of.accounts
        named: list[tuple[tuple[str | int, ...], str, str]] = [
            *((("variables", number), name, "variables.yaml") for number, name in enumerate(of.variables)),
            (("source",), of.source, "sources.yaml"),
        ]
        if not set(NAMING) & set(self._reading.names["variables.yaml"] or NAMING):
            named.append((("of",), NAMING[0], "variables.yaml"))
        if of.filled_by:
            named.append((("filled_by",), of.filled_by, "variables.yaml"))
        if of.reporters.place:
            named.append((("reporters", "place"), of.reporters.place, "places.csv"))
        if accounts is not None:
            named.append((("accounts", "source"), accounts.source, "sources.yaml"))
            fields = ("due", "received", "in_time")
            named += [(("accounts", field), getattr(accounts, field), "variables.yaml") for field in fields]
        for path, name, file in named:
            known = self._reading.names.get(file)
            if known is not None and name not in known:
                field = ".".join(map(str, (of.id, *path)))
                yield self._problem(NOT_DEFINED, path, name, field=field, file=file)

    def _variable(self, variable: Variable, number: int) -> Iterator[Problem]:
        path, of = ("variables", number), self._of
        if of.of not in variable.of:
            yield self._problem(WRONG_KIND, path, variable.id, kind=of.of)
        if variable.measure != "attribute" and variable.frequency != of.frequency:
            values = {"frequency": of.frequency, "theirs": variable.frequency}
            yield self._problem(WRONG_FREQUENCY, path, variable.id, **values)
        if variable.type == "text" and not (variable.values or variable.code):
            yield self._problem(FREE_TEXT, path, variable.id)
        first = self._brought.setdefault((of.of, variable.id), of.id)
        if first != of.id:
            yield self._problem(ASKED_TWICE, path, variable.id, kind=of.of, first=first)

    def _accounts(self) -> Iterator[Problem]:
        accounts = self._of.accounts
        for field in ("due", "received", "in_time") if accounts is not None else ():
            variable = self._reading.variables.get(getattr(accounts, field))
            if variable is None:
                continue
            if self._of.of not in variable.of:
                yield self._problem(WRONG_KIND, ("accounts", field), variable.id, kind=self._of.of)
            kind = (variable.type, variable.measure, variable.frequency) == ("integer", "flow", self._of.frequency)
            if not kind or (variable.minimum, variable.maximum) != (Decimal(0), Decimal(1)):
                yield self._problem(ACCOUNT_SHAPE, ("accounts", field), variable.id, frequency=self._of.frequency)

    def _problem(self, rule: Rule, path: tuple[str | int, ...], found: str, **values: str) -> Problem:
        return Problem(rule, self._reading.where(FILE, (self._of.id, *path)), found, values)
