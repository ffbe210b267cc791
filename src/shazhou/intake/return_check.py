"""Is a return right? The same rules as for files, because the return's document goes through the same door.

Problems are those of cells, by variable, and those of the return as a whole. What is right is understood even where
other cells are not, so that a reporter sees all at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from shazhou.city.collection import Collection
from shazhou.city.model import City, Variable
from shazhou.city.period import Period
from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.city.unit import UNITS
from shazhou.intake import rules
from shazhou.intake.door import understood
from shazhou.intake.entity import Names
from shazhou.intake.held import Held, Prefilled, prefilled
from shazhou.intake.number import is_missing
from shazhou.intake.return_document import FIRST_ROW, Line, lines_of, submitted_on, written
from shazhou.intake.returned import Return
from shazhou.intake.value import BLANK_MARKS, NUMERIC
from shazhou.ledger.submission import Delivery

MAPPING = "template"
"""The mapping by which a return's document is read."""

NO_COLLECTION = Rule(
    "return-collection",
    "There is no collection {found}.",
    "没有名为 {found} 的报表。",
    "Open the return again from the list of tasks.",
    "请从任务列表重新打开报表。",
)
WRONG_REPORTER = Rule(
    "return-entity",
    "{found} is not of the kind {kind}, which the collection is about.",
    "{found} 不属于该报表的报送对象类别（{kind}）。",
    "Open the return again from the list of tasks.",
    "请从任务列表重新打开报表。",
)
WRONG_PERIOD = Rule(
    "return-period",
    "The collection has no period {found}; its first is {first}.",
    "该报表没有 {found} 这一时期，首期为 {first}。",
    "Open the return again from the list of tasks.",
    "请从任务列表重新打开报表。",
)
NOT_ASKED = Rule(
    "return-not-asked",
    "The collection does not ask for {found}.",
    "该报表不收取 {found}。",
    "Leave it out; the collection may have changed since the return was begun.",
    "请删除该项；报表可能在填报期间有调整。",
)
NOT_OPEN = Rule(
    "return-not-open",
    "The return was handed in on {found}; it opens on {opens}, after the period.",
    "报送日期为 {found}，该期报表在时期结束后的 {opens} 才开放。",
    "Hand it in from that day on.",
    "请在该日之后报送。",
)
LOCKED = Rule(
    "return-locked",
    "The return was handed in on {found}; it is locked since {locks}.",
    "报送日期为 {found}，该期报表已于 {locks} 锁定。",
    "Nothing of this period can be changed any more; ask the bureau how to correct it.",
    "该期数据不能再修改，如需更正请联系主管部门。",
)
REQUIRED = Rule(
    "return-required",
    "{name_en} is missing.",
    "缺少{name_zh}。",
    "Fill it in; where there is none, write 0.",
    "请填写；确实没有的请填 0。",
)
EMPTIED = Rule(
    "return-emptied",
    "The cell was left empty, but {found} was approved before.",
    "该格为空，但此前已审核通过 {found}。",
    "Write the right value; only the bureau can withdraw what was approved.",
    "请填写正确的数值；已审核的数据只能由主管部门撤回。",
)
NOTHING_FILLED = Rule(
    "return-empty",
    "Nothing is filled in.",
    "尚未填写任何内容。",
    "Fill in the cells.",
    "请填写单元格。",
)

_FOR_REPORTERS: Mapping[Rule, Rule] = {
    rules.OUT_OF_RANGE: Rule(
        rules.OUT_OF_RANGE.id,
        "{found} is outside {low} to {high} {unit_en}, the valid range of “{name_en}”.",
        "{found} 超出“{name_zh}”的有效范围 {low} 至 {high}{unit_zh}。",
        "Correct the value or its unit; if it is right, ask the bureau to widen the range.",
        "请改正数值或单位；若数值无误，请联系主管部门放宽范围。",
    ),
    rules.UNKNOWN_CODE: Rule(
        rules.UNKNOWN_CODE.id,
        "“{name_en}” does not allow {found}.",
        "“{name_zh}”不允许填写 {found}。",
        rules.UNKNOWN_CODE.mend_en,
        rules.UNKNOWN_CODE.mend_zh,
    ),
}


@dataclass(frozen=True)
class Value:
    """One understood cell: ``value`` in base units, or ``text``; ``unit`` as given. ``prefilled``: as the ledger
    holds it, not stated again."""

    variable: str
    value: Decimal | None
    text: str
    qualifier: str
    unit: str
    prefilled: bool = False


@dataclass(frozen=True)
class Checked:
    """What a return states, and what is wrong with it: by variable, and as a ``whole``."""

    values: Mapping[str, Value]
    problems: Mapping[str, tuple[Problem, ...]]
    whole: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems and not self.whole

    @property
    def all(self) -> tuple[Problem, ...]:
        """Every problem."""
        return (*self.whole, *(problem for found in self.problems.values() for problem in found))

    @property
    def quantities(self) -> dict[str, tuple[Decimal, str]]:
        """Numbers in base units with their qualifiers, by variable: what the collection's rules compare."""
        return {name: (each.value, each.qualifier) for name, each in self.values.items() if each.value is not None}


def check_return(city: City, returned: Return, known: Iterable[Held] = ()) -> Checked:
    """Understands and checks a return.

    Args:
        city: definitions.
        returned: the return, or a draft of it.
        known: what the ledger holds of its entity, for prefilled cells and for what was approved before.
    """
    whole = tuple(_misfits(city, returned))
    if whole:
        return Checked({}, {}, whole)
    collection = city.collections[returned.collection]
    before = prefilled(city, collection, returned.period, known)
    values, problems = _understood(city, returned)
    values |= _taken_over(city, collection, returned, before)
    for name in collection.variables:
        if name not in values and name not in problems:
            problems[name] += _missing(city, collection, returned, name, before[name].now)
    found = {name: tuple(each) for name, each in problems.items() if each}
    nothing = not found and not any(name in collection.variables for name in values)
    return Checked(values, found, (Problem(NOTHING_FILLED, Where(returned.document_name)),) if nothing else ())


def delivery_of_return(city: City, returned: Return, document: bytes, deliverer: str = "") -> Delivery:
    """The delivery of a return: its id is the return's own, so that it enters the ledger once."""
    collection = city.collections[returned.collection]
    return Delivery(
        id=returned.id,
        deliverer=deliverer,
        door="form",
        title=f"{collection.name.zh} {collection.name.en} {returned.period}",
        document=document,
        document_name=returned.document_name,
        mapping=MAPPING,
        source=collection.source,
    )


def names_of(city: City, entities: Iterable[str]) -> Names:
    """Names by which exactly these entities, and the city's places and industries, are known."""
    names = Names(city)
    for entity in entities:
        names.add(entity.partition(":")[0], "", entity)
    return names


def _misfits(city: City, returned: Return) -> Iterator[Problem]:
    """Why a return is none of the collection's."""
    where = Where(returned.document_name)
    collection = city.collections.get(returned.collection)
    if collection is None:
        yield Problem(NO_COLLECTION, where, returned.collection)
        return
    if not returned.entity.startswith(f"{collection.of}:"):
        yield Problem(WRONG_REPORTER, where, returned.entity, {"kind": collection.of})
    period = _period_of(collection, returned)
    if period is None:
        yield Problem(WRONG_PERIOD, where, returned.period, {"first": collection.first})
        return
    for name in returned.cells:
        if name not in collection.variables:
            yield Problem(NOT_ASKED, where, name)
    day = submitted_on(city, returned)
    if day is not None and day < collection.opens(period):
        yield Problem(NOT_OPEN, where, str(day), {"opens": str(collection.opens(period))})
    if day is not None and day >= collection.locks(period) and not returned.unlocked:
        yield Problem(LOCKED, where, str(day), {"locks": str(collection.locks(period))})


def _period_of(collection: Collection, returned: Return) -> Period | None:
    """The period of a return; None where the collection has no such period."""
    try:
        period = Period.parse(returned.period)
    except ValueError:
        return None
    fits = period.frequency == collection.frequency and period.start >= Period.parse(collection.first).start
    return period if fits else None


def _understood(city: City, returned: Return) -> tuple[dict[str, Value], dict[str, list[Problem]]]:
    """What the door makes of the return's cells, and what it finds wrong with each."""
    lines = [line for line in lines_of(city, returned) if not _says_none(city, line)]
    problems: dict[str, list[Problem]] = defaultdict(list)
    try:
        return _values(city, returned, lines), problems
    except Refused as refused:
        for problem in refused.problems:
            line = lines[(problem.where.row or FIRST_ROW) - FIRST_ROW]
            problems[line.variable].append(_in_words(problem, returned, city.variables[line.variable]))
    return _values(city, returned, [line for line in lines if line.variable not in problems]), problems


def _in_words(problem: Problem, returned: Return, variable: Variable) -> Problem:
    """A problem of a cell as its reporter reads it: with names, and without advice that only a bureau can follow."""
    rule = _FOR_REPORTERS.get(problem.rule, problem.rule)
    unit = UNITS[variable.unit]
    names = {"name_zh": variable.name.zh, "name_en": variable.name.en, "unit_zh": unit.zh, "unit_en": unit.en}
    where = Where(returned.document_name, column=variable.id)
    return Problem(rule, where, problem.found, {**problem.values, **names})


def _says_none(city: City, line: Line) -> bool:
    given = line.cells["value"]
    return is_missing(given) if city.variables[line.variable].type in NUMERIC else given in BLANK_MARKS or not given


def _values(city: City, returned: Return, lines: Sequence[Line]) -> dict[str, Value]:
    """The values of rows as the door understands them."""
    if not lines:
        return {}
    delivery = delivery_of_return(city, returned, written(line.cells for line in lines))
    prepared = understood(city, names_of(city, [returned.entity]), delivery)
    rows = [row for batch in prepared.batches() for row in batch.to_pylist()]
    return {
        row["variable"]: Value(row["variable"], row["value"], row["text"] or "", row["qualifier"], row["unit"])
        for row in rows
    }


def _taken_over(
    city: City, collection: Collection, returned: Return, before: Mapping[str, Prefilled]
) -> dict[str, Value]:
    found = {}
    for name in collection.variables:
        cell, now = returned.cells.get(name), before[name].now
        if now is not None and cell is not None and cell.prefilled:
            value = None if now.value is None else now.value * UNITS[city.variables[name].unit].factor
            found[name] = Value(name, value, now.text, now.qualifier, now.unit, prefilled=True)
    return found


def _missing(city: City, collection: Collection, returned: Return, name: str, now: Held | None) -> Iterator[Problem]:
    """Why a cell that states nothing must not be empty."""
    where = Where(returned.document_name, column=name)
    own = city.sources[collection.source].title
    if now is not None and (now.source, now.period) == (own, returned.period):
        yield Problem(EMPTIED, where, now.shown)
    elif name in collection.required:
        of = city.variables[name].name
        yield Problem(REQUIRED, where, "", {"name_en": of.en, "name_zh": of.zh})
