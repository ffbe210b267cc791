"""Whom the rows of a document are about: names looked up, new entities made where the mapping allows it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pyarrow as pa

from shazhou.city.problem import Rule
from shazhou.intake.coded import Coded, combined
from shazhou.intake.entity import NAMING, Names, new_entity
from shazhou.intake.field import Evaluator, columns_of
from shazhou.intake.findings import Breach, Findings
from shazhou.intake.mapping import EntityOf, EntityRule, Placed
from shazhou.intake.stated import TEXTS, Stated
from shazhou.ledger.observation import DECIMAL

UNKNOWN_ENTITY = Rule(
    "entity-unknown",
    "No {kind} is known by the name “{found}”.",
    "没有名为“{found}”的主体（{kind}）。",
    "Correct the name, or load the document that names it first.",
    "请改正名称，或先载入登记该主体的文件。",
)
AMBIGUOUS_ENTITY = Rule(
    "entity-ambiguous",
    "“{found}” stands for several entities: {several}.",
    "“{found}”对应多个主体：{several}。",
    "Use the full name, a code or the entity's id.",
    "请使用全称、代码或主体编号。",
)
NO_ENTITY = Rule(
    "entity-empty",
    "The row does not say whom it is about.",
    "该行没有说明主体。",
    "Fill the column, or remove the row.",
    "请填写该列，或删除该行。",
)


class Whom:
    """Finds the entities of rows and fields.

    Args:
        names: what texts stand for; it is not changed.
        findings: takes what is wrong.
    """

    def __init__(self, names: Names, findings: Findings) -> None:
        self._names = names
        self._findings = findings
        self._created: dict[str, str] = {}

    def rows(self, rule: EntityRule, evaluator: Evaluator, rows: int) -> tuple[Coded, Coded]:
        """The entity of each row, and the industry of its cell (empty: none)."""
        nothing = Coded.constant("", rows)
        listed = evaluator.text(rule.values_of) if rule.values_of else nothing
        key = evaluator.evaluate(rule.key) if rule.key is not None else nothing
        codes, parts = combined((listed, key))
        entities, industries = [], []
        breaches: dict[int, tuple[str, Breach]] = {}
        for code, (value, text) in enumerate(parts):
            found = rule.values.get(value) if value else None
            name = text if rule.key is not None else value
            industries.append(found.industry if isinstance(found, Placed) else "")
            if found is not None:
                entities.append(found.entity if isinstance(found, Placed) else found)
                continue
            entity, breach = self._entity(rule.kind, name, rule.create)
            entities.append(entity)
            if breach is not None:
                breaches[code] = (name, breach)
        column = next(iter(columns_about(rule)), "")
        self._findings.judge(codes, breaches, column)
        return Coded(codes, ()).revalued(entities), Coded(codes, ()).revalued(industries)

    def others(self, of: EntityOf, key: Coded) -> Coded:
        """The ids of other entities that a field names; empty where it names none."""
        found = {text: self._entity(of.kind, text, create=False) if text else ("", None) for text in key.values}
        column = next(columns_of(of.key), "")
        self._findings.texts(key, lambda text: found[text][1], column)
        return key.map(lambda text: found[text][0])

    def aliases(self, parts: Sequence[Stated]) -> list[Stated]:
        """What the created entities were first called, where no observation of the document says so."""
        said = {
            (part.texts["entity"].values[int(entity)], part.said.values[int(text)])
            for part in parts
            if part.texts["variable"].single in NAMING
            for entity, text in zip(part.texts["entity"].codes, part.said.codes, strict=True)
        }
        left = {entity: text for entity, text in self._created.items() if (entity, text) not in said}
        found = []
        for part in parts:
            codes, firsts = np.unique(part.texts["entity"].codes, return_index=True)
            values = part.texts["entity"].values
            firsts_by_entity = zip((values[code] for code in codes), firsts, strict=True)
            picked = {int(first): left.pop(entity) for entity, first in firsts_by_entity if entity in left}
            if picked:
                found.append(_alias(part, picked))
        return found

    def _entity(self, kind: str, text: str, create: bool) -> tuple[str, Breach | None]:
        found = self._names.entities(kind, text) if text else []
        if len(found) == 1:
            return found[0], None
        if not text:
            return "", (NO_ENTITY, {})
        if found:
            return "", (AMBIGUOUS_ENTITY, {"several": ", ".join(found)})
        entity = new_entity(kind, text) if kind else ""
        if entity in self._created:
            return entity, None
        if not create or not kind:
            return "", (UNKNOWN_ENTITY, {"kind": kind or "entity"})
        self._created[entity] = text
        return entity, None


def columns_about(rule: EntityRule) -> Collection[str]:
    """The columns that say whom a row is about."""
    return list(dict.fromkeys([*([rule.values_of] if rule.values_of else []), *columns_of(rule.key)]))


def _alias(part: Stated, picked: Mapping[int, str]) -> Stated:
    rows = np.fromiter(picked, np.int64, len(picked))
    texts = {name: Coded(part.texts[name].codes[rows], part.texts[name].values) for name in TEXTS}
    plain = {"variable": "alias", "kind": "actual", "unit": "text", "qualifier": "=", "status": "A"}
    constants = {**plain, "industry": "", "label": "", "note": ""}
    texts |= {name: Coded.constant(text, len(rows)) for name, text in constants.items()}
    said = Coded(np.arange(len(rows), dtype=np.int32), ()).revalued(picked.values())
    texts |= {"given": said, "period": texts["period"].used()}
    return Stated(texts, pa.nulls(len(rows), DECIMAL), said, part.rows[rows])
