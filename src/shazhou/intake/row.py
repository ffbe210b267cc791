"""Rows of a document as observations, by columns: evaluated, understood, checked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import numpy as np
import pyarrow as pa

from shazhou.city.model import City
from shazhou.city.period import BAD_PERIOD, Period
from shazhou.intake import rules
from shazhou.intake.coded import Coded, Mask, combined
from shazhou.intake.document import Document
from shazhou.intake.field import Evaluator, all_columns, column_of
from shazhou.intake.findings import Breach, Findings
from shazhou.intake.mapping import Field, Observed, Take
from shazhou.intake.stated import TEXTS, Stated
from shazhou.intake.value import NUMERIC, Understanding, Values
from shazhou.ledger.observation import KINDS, ORIGINS, QUALIFIERS, STATUSES

_CODED: Mapping[str, Collection[str]] = {
    "kind": KINDS,
    "qualifier": QUALIFIERS,
    "status": STATUSES,
    "origin": ORIGINS,
}
_DEFAULTS = {"kind": "actual", "qualifier": "=", "status": "A"}
_CITED = {"source": "title", "source_date": "date", "source_address": "address"}


class Rows:
    """Makes observations of a document's rows and collects every problem.

    Args:
        city: definitions.
        document: the document.
        evaluator: evaluates the fields of its mapping.
        findings: takes what is wrong.
        understanding: understands cells.
        source: id of the source for rows that cite none.
        origin: ``simulated`` or ``recorded`` for all rows; empty: as the mapping says.
    """

    def __init__(
        self,
        city: City,
        document: Document,
        evaluator: Evaluator,
        findings: Findings,
        understanding: Understanding,
        source: str,
        origin: str,
    ) -> None:
        self._city = city
        self._document = document
        self._evaluator = evaluator
        self._findings = findings
        self._understanding = understanding
        self._source = city.sources.get(source)
        self._origin = origin
        self.used: dict[str, Mask] = {}
        """For each column, the rows in which an observation took it up."""

    def state(self, observed: Observed, entity: Coded, industry: Coded, about: Collection[str]) -> Stated:
        """What every row states of one thing; rows whose cell says nothing are left out.

        Args:
            observed: what the mapping says of it.
            entity: whom each row is about.
            industry: the industry that comes with it; empty: none.
            about: the columns that say so.
        """
        texts = {name: self._text(observed, name) for name in TEXTS if name in Observed.model_fields}
        cell = observed.value if observed.value is not None else observed.text
        texts["given"] = self._evaluator.evaluate(cell if cell is not None else "")
        values = self._values(observed, cell, texts)
        texts |= {"entity": entity, "unit": values.unit, "qualifier": values.qualifier}
        texts["industry"] = texts["industry"].otherwise(industry)
        texts["sheet"] = Coded.constant(self._document.sheet, len(values.holds))
        for name, default in _DEFAULTS.items():
            texts[name] = texts[name].otherwise(Coded.constant(default, len(values.holds)))
        if self._source is not None:
            uncited = texts["source"].empty()
            for name, attribute in _CITED.items():
                texts[name] = _where_uncited(texts[name], uncited, getattr(self._source, attribute))
        self._check(observed, texts, values.holds)
        fields = [getattr(observed, name) for name in Observed.model_fields]
        for column in {*all_columns(fields), *about}:
            self.used[column] = self.used[column] | values.holds if column in self.used else values.holds
        return self._kept(texts, values)

    def _kept(self, texts: Mapping[str, Coded], values: Values) -> Stated:
        whole = bool(values.holds.all())
        kept = dict(texts) if whole else {name: texts[name].filter(values.holds) for name in TEXTS}
        kept["period"] = kept["period"].used()
        if whole:
            return Stated(kept, values.value, values.said, self._document.rows)
        rows = self._document.rows[values.holds]
        return Stated(kept, values.value.filter(pa.array(values.holds)), values.said.filter(values.holds), rows)

    def _text(self, observed: Observed, name: str) -> Coded:
        if name == "origin" and self._origin:
            return Coded.constant(self._origin, len(self._document.rows))
        return self._evaluator.evaluate(getattr(observed, name))

    def _values(self, observed: Observed, cell: Field | None, texts: Mapping[str, Coded]) -> Values:
        column = column_of(cell)
        typed = self._document.columns.get(column)
        plain = isinstance(cell, Take) and not (
            cell.values or cell.match or cell.columns or cell.default or cell.entity
        )
        whole = plain and typed is not None and pa.types.is_integer(typed.type)
        if observed.value is None:
            self._check_texts(texts["variable"], column)
        return self._understanding.of(
            texts["given"], texts["variable"], texts["unit"], texts["qualifier"], column, whole
        )

    def _check_texts(self, variable: Coded, column: str) -> None:
        def breach(name: str) -> Breach | None:
            known = self._city.variables.get(name)
            return (rules.TEXT_FOR_NUMBER, {"variable": name}) if known and known.type in NUMERIC else None

        self._findings.texts(variable, breach, column)

    def _check(self, observed: Observed, texts: Mapping[str, Coded], holds: Mask) -> None:
        def check(name: str, breach: Callable[[str], Breach | None]) -> None:
            self._findings.texts(texts[name], breach, column_of(getattr(observed, name), name), holds)

        check("variable", self._unknown_variable)
        check("period", _wrong_period)
        for name, allowed in _CODED.items():
            check(name, _not_among(name, allowed))
        check("industry", self._unknown_industry)
        check("source", lambda title: None if title else (rules.NO_SOURCE, {}))
        self._check_kinds(observed, texts, holds)

    def _check_kinds(self, observed: Observed, texts: Mapping[str, Coded], holds: Mask) -> None:
        kind = texts["entity"].map(lambda entity: entity.partition(":")[0])
        within = texts["industry"].map(lambda industry: "industry" if industry else "")
        codes, parts = combined((texts["variable"], kind, within))
        breaches: dict[int, tuple[str, Breach]] = {}
        for code, (name, of, cell) in enumerate(parts):
            variable = self._city.variables.get(name)
            if variable is not None and of and of not in variable.of and cell not in variable.of:
                values = {"variable": name, "kind": of, "allowed": ", ".join(variable.of)}
                breaches[code] = (of, (rules.WRONG_KIND, values))
        self._findings.judge(codes, breaches, column_of(observed.variable, "variable"), holds)

    def _unknown_variable(self, name: str) -> Breach | None:
        if not name:
            return rules.EMPTY_CELL, {"column": "variable"}
        return None if name in self._city.variables else (rules.UNKNOWN_VARIABLE, {})

    def _unknown_industry(self, key: str) -> Breach | None:
        return None if not key or key in self._city.industries else (rules.UNKNOWN_INDUSTRY, {})


def _where_uncited(column: Coded, uncited: Mask, text: str) -> Coded:
    if uncited.all() and column.empty().all():
        return Coded.constant(text, len(uncited))
    chosen = uncited & column.empty()
    codes = np.where(chosen, np.int32(len(column.values)), column.codes).astype(np.int32)
    return Coded(codes, ()).revalued((*column.values, text))


def _wrong_period(text: str) -> Breach | None:
    if not text:
        return rules.EMPTY_CELL, {"column": "period"}
    try:
        Period.parse(text)
    except ValueError:
        return BAD_PERIOD, {}
    return None


def _not_among(name: str, allowed: Collection[str]) -> Callable[[str], Breach | None]:
    choices = {"allowed": " ".join(each or '""' for each in allowed), "column": name}
    return lambda text: None if text in allowed else (rules.UNKNOWN_CODE, choices)
