"""Fields of a mapping, evaluated over a whole document at once: each rule runs once per distinct text, not per row."""

from __future__ import annotations

import re
from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from shazhou.city.problem import Problem, Rule
from shazhou.intake.document import Document
from shazhou.intake.mapping import EntityOf, Field, Take

UNKNOWN_COLUMN = Rule(
    "column-missing",
    "The document has no column {found}.",
    "文件中没有列 {found}。",
    "Add the column, or correct the mapping; the document has: {known}.",
    "请补上该列或改正映射；文件现有列：{known}。",
)
UNKNOWN_TEXT = Rule(
    "text-not-mapped",
    "The mapping does not say what {found} means.",
    "映射没有说明 {found} 的含义。",
    "Add it under values: of the mapping, or correct the cell.",
    "请在映射的 values 中补充，或改正单元格。",
)

EntityLookup = Callable[[EntityOf, pa.Array], pa.Array]


class Evaluator:
    """Evaluates fields over one document and collects what is wrong.

    Args:
        document: the document.
        lookup: finds the ids of other entities for their names.
    """

    def __init__(self, document: Document, lookup: EntityLookup) -> None:
        self._document = document
        self._lookup = lookup
        self._texts: dict[str, pa.Array] = {}
        self.problems: list[Problem] = []

    def evaluate(self, field: Field) -> pa.Array:
        """One text for each row; empty where the field says nothing."""
        if isinstance(field, str):
            return pa.repeat(pa.scalar(field, pa.string()), len(self._document.rows))
        if isinstance(field, tuple):
            parts = [self.evaluate(part) for part in field]
            result = parts[0]
            for part in parts[1:]:
                result = pc.if_else(pc.equal(result, ""), part, result)
            return result
        if field.entity is not None:
            return self._lookup(field.entity, self.evaluate(field.entity.key))
        return self._taken(field)

    def text(self, column: str) -> pa.Array:
        """A column as trimmed texts."""
        if column not in self._texts:
            self._texts[column] = self._as_text(column)
        return self._texts[column]

    def _as_text(self, column: str) -> pa.Array:
        found = self._document.columns.get(column)
        if found is None:
            known = ", ".join(self._document.columns)
            self.problems.append(Problem(UNKNOWN_COLUMN, self._document.where(None, column), column, {"known": known}))
            return pa.repeat(pa.scalar("", pa.string()), len(self._document.rows))
        return pc.utf8_trim_whitespace(pc.fill_null(found.cast(pa.string()), ""))

    def _taken(self, take: Take) -> pa.Array:
        texts = [self.text(name) for name in take.names]
        joined = texts[0] if len(texts) == 1 else pc.binary_join_element_wise(*texts, " | ")
        if not (take.values or take.match or take.default is not None):
            return joined
        encoded = pc.dictionary_encode(joined)
        rule = _rule(take)
        becomes = [rule(text) for text in encoded.dictionary.to_pylist()]
        if None in becomes:
            self._refuse(take, encoded, becomes)
        return pa.array([each or "" for each in becomes], pa.string()).take(encoded.indices)

    def _refuse(self, take: Take, encoded: pa.DictionaryArray, becomes: list[str | None]) -> None:
        for number, each in enumerate(becomes):
            if each is None:
                row = pc.index(encoded.indices, number).as_py()
                where = self._document.where(row, take.names[0])
                self.problems.append(Problem(UNKNOWN_TEXT, where, encoded.dictionary[number].as_py()))


def _rule(take: Take) -> Callable[[str], str | None]:
    patterns = [(re.compile(each.pattern), each.becomes) for each in take.match]

    def becomes(text: str) -> str | None:
        if text in take.values:
            return take.values[text]
        for pattern, template in patterns:
            found = pattern.search(text)
            if found:
                return _expanded(found, template)
        if take.default is not None:
            return take.default
        return "" if take.match or not text else None

    return becomes


def _expanded(found: re.Match[str], template: str) -> str:
    try:
        return found.expand(template)
    except (re.error, IndexError):
        return template


