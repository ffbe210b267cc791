"""What is wrong with a city's mappings, found without a document: for `shazhou check`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from shazhou.city.lines import Lined, read_yaml
from shazhou.city.model import City
from shazhou.city.period import Period
from shazhou.city.problem import Problem, Refused, Rule
from shazhou.city.unit import unit_named
from shazhou.intake.entity import Names
from shazhou.intake.field import all_columns, columns_of
from shazhou.intake.mapping import EntityRule, Field, Mapping, Observed, Placed, Take, mapping_names, mapping_of
from shazhou.intake.value import NUMERIC
from shazhou.ledger.observation import KINDS, ORIGINS, QUALIFIERS, STATUSES

NOT_ALLOWED = Rule(
    "mapping-constant",
    "{field} cannot be “{found}”.",
    "{field} 不能为“{found}”。",
    "Use one of: {allowed}.",
    "请使用以下之一：{allowed}。",
)
UNKNOWN = Rule(
    "mapping-reference",
    "The mapping names the {field} “{found}”, which the city does not define.",
    "映射引用了城市未定义的 {field}：“{found}”。",
    "Define it, or correct the name.",
    "请补充定义，或改正名称。",
)
IGNORED_AND_READ = Rule(
    "mapping-column",
    "The column “{found}” is read and ignored.",
    "列“{found}”既被读取又被忽略。",
    "Remove it from ignored:.",
    "请将其从 ignored 中删除。",
)
NO_REASON = Rule(
    "mapping-ignored",
    "The column “{found}” is ignored without a reason.",
    "忽略列“{found}”未说明理由。",
    "Say why nothing is lost by leaving it out.",
    "请说明为何不载入该列也不会丢失信息。",
)
NOTHING_STATED = Rule(
    "mapping-value",
    "The observation needs either value: or text:.",
    "每项观测必须且只能有 value 或 text 之一。",
    "Name the column that holds what is stated.",
    "请注明载有内容的列。",
)
NO_ENTITY_RULE = Rule(
    "mapping-entity",
    "The mapping does not say whom a row is about.",
    "映射没有说明每行的主体。",
    "Give entity: a key:, or values_of: with values:.",
    "请在 entity 下给出 key，或 values_of 与 values。",
)
CANNOT_CREATE = Rule(
    "mapping-create",
    "create: needs a kind: and a variable named alias.",
    "create 需要 kind，以及名为 alias 的指标项。",
    "State the kind; define alias in variables.yaml as a text attribute.",
    "请注明 kind；并在 variables.yaml 中将 alias 定义为文本属性。",
)

_CODED: dict[str, Collection[str]] = {"kind": KINDS, "qualifier": QUALIFIERS, "status": STATUSES, "origin": ORIGINS}
_OPTIONAL = ("industry", "qualifier", "origin", "unit", "status", "kind")


def check_mappings(city: City) -> Iterator[Problem]:
    """Every problem of a city's mappings, each with file and line."""
    names = Names(city)
    for name in mapping_names(city):
        file = f"mappings/{name}.yaml"
        try:
            mapping = mapping_of(city, name)
        except Refused as refused:
            yield from refused.problems
            continue
        if file in city.files:
            yield from _Check(city, names, mapping, read_yaml(file, city.files[file])).problems()


class _Check:
    def __init__(self, city: City, names: Names, mapping: Mapping, lined: Lined) -> None:
        self._city = city
        self._names = names
        self._mapping = mapping
        self._lined = lined

    def problems(self) -> Iterator[Problem]:
        yield from self._entity(self._mapping.entity)
        yield from self._ignored()
        for number, observed in enumerate(self._mapping.observations):
            yield from self._observed(observed, ("observations", number))

    def _ignored(self) -> Iterator[Problem]:
        entity = self._mapping.entity
        fields = [getattr(each, name) for each in self._mapping.observations for name in Observed.model_fields]
        read = {*all_columns(fields), *columns_of(entity.key), entity.values_of}
        for column, reason in self._mapping.ignored.items():
            where = self._lined.where(("ignored", column))
            if column in read:
                yield Problem(IGNORED_AND_READ, where, column)
            if not reason.strip():
                yield Problem(NO_REASON, where, column)

    def _entity(self, rule: EntityRule) -> Iterator[Problem]:
        where = self._lined.where(("entity",))
        if rule.key is None and not rule.values_of:
            yield Problem(NO_ENTITY_RULE, where)
        if rule.create and (not rule.kind or "alias" not in self._city.variables):
            yield Problem(CANNOT_CREATE, where)
        for text, placed in rule.values.items():
            entity, industry = (placed.entity, placed.industry) if isinstance(placed, Placed) else (placed, "")
            below = self._lined.where(("entity", "values", text))
            if entity.startswith(("place:", "industry:")) and not self._names.entities("", entity):
                yield Problem(UNKNOWN, below, entity, {"field": "entity"})
            if industry and industry not in self._city.industries:
                yield Problem(UNKNOWN, below, industry, {"field": "industry"})

    def _observed(self, observed: Observed, path: tuple[str | int, ...]) -> Iterator[Problem]:
        if (observed.value is None) == (observed.text is None):
            yield Problem(NOTHING_STATED, self._lined.where(path))
        known: dict[str, Callable[[str], bool]] = {
            "variable": self._city.variables.__contains__,
            "unit": lambda text: unit_named(text) is not None,
            "industry": self._city.industries.__contains__,
            "period": _is_period,
        }
        for name, is_known in known.items():
            for text in _constants(getattr(observed, name)):
                if not is_known(text) and not (not text and name in _OPTIONAL):
                    yield Problem(UNKNOWN, self._lined.where((*path, name)), text, {"field": name})
        for name, allowed in _CODED.items():
            for text in _constants(getattr(observed, name)):
                if text and text not in allowed:
                    values = {"field": name, "allowed": " ".join(filter(None, allowed))}
                    yield Problem(NOT_ALLOWED, self._lined.where((*path, name)), text, values)
        variable = self._city.variables.get(observed.variable) if isinstance(observed.variable, str) else None
        if variable is not None and variable.type in NUMERIC and observed.text is not None:
            values = {"field": "text", "allowed": "value"}
            yield Problem(NOT_ALLOWED, self._lined.where((*path, "text")), variable.id, values)
        if variable is not None and variable.values:
            for text in _constants(observed.text):
                if text and text not in variable.values:
                    values = {"field": variable.id, "allowed": " ".join(variable.values)}
                    yield Problem(NOT_ALLOWED, self._lined.where((*path, "text")), text, values)


def _constants(field: Field | None) -> Iterator[str]:
    """The texts that a field may give whatever the document says."""
    if isinstance(field, str):
        yield field
    elif isinstance(field, tuple):
        for part in field:
            yield from _constants(part)
    elif isinstance(field, Take):
        yield from field.values.values()
        yield from (each.becomes for each in field.match if "\\" not in each.becomes)
        if field.default is not None:
            yield field.default


def _is_period(text: str) -> bool:
    try:
        Period.parse(text)
    except ValueError:
        return False
    return True
