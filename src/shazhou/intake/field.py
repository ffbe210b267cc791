"""Fields of a mapping, evaluated over a whole document at once: each rule runs once per distinct text, not per row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from shazhou.city.problem import Rule
from shazhou.intake.coded import Coded, joined
from shazhou.intake.document import Document
from shazhou.intake.findings import Findings
from shazhou.intake.mapping import EntityOf, Field, Take

MISSING_COLUMN = Rule(
    "column-missing",
    "The document has no column “{found}”.",
    "文件中没有列“{found}”。",
    "Add the column, or correct the mapping; the document has: {known}.",
    "请补上该列或改正映射；文件现有列：{known}。",
)
UNKNOWN_TEXT = Rule(
    "text-not-mapped",
    "The mapping does not say what “{found}” means.",
    "映射没有说明“{found}”的含义。",
    "Add it under values: of the mapping, or correct the cell.",
    "请在映射的 values 中补充，或改正单元格。",
)

EntityLookup = Callable[[EntityOf, Coded], Coded]


class Evaluator:
    """Evaluates fields over one document and collects what is wrong.

    Args:
        document: the document.
        findings: takes what is wrong.
        lookup: finds the ids of other entities for their names.
    """

    def __init__(self, document: Document, findings: Findings, lookup: EntityLookup) -> None:
        self._document = document
        self._findings = findings
        self._lookup = lookup
        self._texts: dict[str, Coded] = {}

    def evaluate(self, field: Field) -> Coded:
        """One text for each row; empty where the field says nothing."""
        if isinstance(field, str):
            return Coded.constant(field, len(self._document.rows))
        if isinstance(field, tuple):
            result = self.evaluate(field[0])
            for part in field[1:]:
                result = result.otherwise(self.evaluate(part))
            return result
        if field.entity is not None:
            return self._lookup(field.entity, self.evaluate(field.entity.key))
        return self._take(field)

    def text(self, column: str) -> Coded:
        """A column's texts."""
        if column not in self._texts:
            self._texts[column] = self._column(column)
        return self._texts[column]

    def _column(self, column: str) -> Coded:
        found = self._document.columns.get(column)
        if found is not None:
            return Coded.of(found)
        known = ", ".join(self._document.columns)
        self._findings.add(MISSING_COLUMN, self._document.where(None, column), column, {"known": known})
        return Coded.constant("", len(self._document.rows))

    def _take(self, take: Take) -> Coded:
        columns = [self.text(name) for name in take.names]
        if not columns:
            return Coded.constant(take.default or "", len(self._document.rows))
        whole = columns[0] if len(columns) == 1 else joined(columns, " | ")
        if not (take.values or take.match or take.default is not None):
            return whole
        rule = _rule(take)
        self._findings.texts(whole, lambda text: (UNKNOWN_TEXT, {}) if rule(text) is None else None, take.names[0])
        return whole.map(lambda text: (rule(text) or "").strip())


def columns_of(field: Field | None) -> Iterator[str]:
    """The columns that a field reads."""
    if isinstance(field, Take):
        yield from field.names
        if field.entity is not None:
            yield from columns_of(field.entity.key)
    elif isinstance(field, tuple):
        for part in field:
            yield from columns_of(part)


def column_of(field: Field | None, default: str = "") -> str:
    """The column that a problem with a field is shown at: the first that it reads."""
    return next(columns_of(field), default)


def all_columns(fields: Iterable[Field | None]) -> frozenset[str]:
    """The columns that several fields read."""
    return frozenset(name for field in fields for name in columns_of(field))


def _rule(take: Take) -> Callable[[str], str | None]:
    patterns = [(re.compile(each.pattern), each.becomes) for each in take.match]

    def becomes(text: str) -> str | None:
        if text in take.values:
            return take.values[text]
        for pattern, template in patterns:
            found = pattern.search(text)
            if found:
                return found.expand(template)
        if take.default is not None:
            return take.default
        return "" if take.match or not text else None

    return becomes
