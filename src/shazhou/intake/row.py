"""Rows of a document as observations: numbers, units, periods and codes understood and checked, by columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from shazhou.city.code import CHECKS
from shazhou.city.model import City, Variable
from shazhou.city.period import Period
from shazhou.city.problem import Problem, Rule
from shazhou.city.unit import UNITS, unit_named
from shazhou.intake import rules
from shazhou.intake.document import Document
from shazhou.intake.field import Evaluator
from shazhou.intake.mapping import Field, Observed, Take
from shazhou.intake.number import TOO_PRECISE, Number, exact, read_number
from shazhou.ledger.observation import DECIMAL, KINDS, ORIGINS, QUALIFIERS, SCHEMA, STATUSES

_CODED = {"kind": KINDS, "qualifier": QUALIFIERS, "status": STATUSES, "origin": ORIGINS}


class Rows:
    """Makes observations of a document's rows and collects every problem."""

    def __init__(self, city: City, document: Document, evaluator: Evaluator, source: str, origin: str) -> None:
        self._city = city
        self._document = document
        self._evaluator = evaluator
        self._source = source
        self._origin = origin
        self.problems: list[Problem] = []

    def table(self, observed: Observed, entity: pa.Array, industry: pa.Array) -> pa.Table:
        """What every row states of one thing; rows whose cell says nothing are left out."""
        texts = {
            name: self._evaluator.evaluate(getattr(observed, name))
            for name in ("variable", "unit", "period", "kind", "industry", "qualifier", "status", "origin", "note", "label")
        }
        stated = observed.value if observed.value is not None else observed.text
        given = self._evaluator.evaluate(stated if stated is not None else "")
        column = _column_of(stated)
        self._variables(texts["variable"], observed)
        value, qualifier, unit, holds = self._values(observed, texts, given, column)
        start, end = self._periods(texts["period"], holds, observed)
        texts["industry"] = pc.if_else(pc.equal(texts["industry"], ""), industry, texts["industry"])
        texts["qualifier"] = pc.if_else(pc.equal(texts["qualifier"], ""), qualifier, texts["qualifier"])
        if self._origin:
            texts["origin"] = pa.repeat(pa.scalar(self._origin), len(given))
        for name, allowed in _CODED.items():
            self._coded(texts[name], allowed, getattr(observed, name), name)
        self._industries(texts["industry"], observed)
        source, source_date, source_address = self._sources(observed)
        columns = {
            **{name: texts[name] for name in ("variable", "kind", "period", "qualifier", "status", "origin", "note", "label")},
            "entity": entity,
            "industry": texts["industry"],
            "start": start,
            "end": end,
            "value": value if observed.value is not None else pa.nulls(len(given), DECIMAL),
            "text": given if observed.value is None else pa.nulls(len(given), pa.string()),
            "unit": unit,
            "given": given,
            "source": source,
            "source_date": source_date,
            "source_address": source_address,
            "sheet": pa.repeat(pa.scalar(self._document.sheet), len(given)),
            "row": pa.array(self._document.rows, pa.int32()),
        }
        if self.problems or self._evaluator.problems:
            return SCHEMA.empty_table()
        return pa.Table.from_arrays([columns[name] for name in SCHEMA.names], schema=SCHEMA).filter(holds)

    def contradictions(self, tables: Sequence[pa.Table]) -> list[Problem]:
        """Rows of one document in which one source states two different values for the same thing."""
        keys = ["entity", "industry", "variable", "kind", "start", "end", "source"]
        stated = pa.concat_tables([table.select([*keys, "value", "text", "row", "sheet", "given"]) for table in tables])
        counts = stated.group_by(keys).aggregate([("row", "count")])
        twice = counts.filter(pc.greater(counts.column("row_count"), 1))
        if not twice.num_rows:
            return []
        first: dict[tuple[object, ...], dict[str, object]] = {}
        found = []
        for row in stated.join(twice, keys, join_type="left semi").sort_by("row").to_pylist():
            other = first.setdefault(tuple(row[key] for key in keys), row)
            if (other["value"], other["text"]) != (row["value"], row["text"]):
                where = self._document.where(int((self._document.rows == row["row"]).argmax()), str(row["variable"]))
                values = {"other": str(other["given"]), "row": str(other["row"])}
                found.append(Problem(rules.STATED_TWICE, where, str(row["given"]), values))
        return found

    def _variables(self, variable: pa.Array, observed: Observed) -> None:
        def wrong(name: str) -> tuple[Rule, dict[str, str]] | None:
            return None if name in self._city.variables else (rules.UNKNOWN_VARIABLE, {})

        self._each(variable, _column_of(observed.variable), wrong)

    def _values(
        self, observed: Observed, texts: dict[str, pa.Array], given: pa.Array, column: str
    ) -> tuple[pa.Array, pa.Array, pa.Array, pa.Array]:
        count = len(given)
        if observed.value is None:
            self._texts_checked(texts["variable"], given, column)
            blank = pa.repeat(pa.scalar("="), count)
            unit = pa.repeat(pa.scalar("text"), count)
            return pa.nulls(count, DECIMAL), blank, unit, pc.not_equal(given, "")
        plain = self._plain_numbers(observed, texts, column)
        if plain is not None:
            return plain
        joined = pc.dictionary_encode(
            pc.binary_join_element_wise(texts["variable"], texts["unit"], given, "\x1f")
        )
        values: list[Decimal | None] = []
        qualifiers, units, held = [], [], []
        for number, text in enumerate(joined.dictionary.to_pylist()):
            name, unit, cell = text.split("\x1f", 2)
            understood = self._understood(self._city.variables.get(name), unit, cell)
            if isinstance(understood, tuple) and isinstance(understood[0], Rule):
                row = pc.index(joined.indices, number).as_py()
                self.problems.append(Problem(understood[0], self._document.where(row, column), cell, understood[1]))
                understood = None
            value, sign, unit_id = understood if understood else (None, "=", unit)
            values.append(value)
            qualifiers.append(sign)
            units.append(unit_id)
            held.append(understood is not None)
        return (
            pa.array(values, DECIMAL).take(joined.indices),
            pa.array(qualifiers, pa.string()).take(joined.indices),
            pa.array(units, pa.string()).take(joined.indices),
            pa.array(held, pa.bool_()).take(joined.indices),
        )

    def _plain_numbers(
        self, observed: Observed, texts: dict[str, pa.Array], column: str
    ) -> tuple[pa.Array, pa.Array, pa.Array, pa.Array] | None:
        """The short way for a column of whole numbers with one variable and one unit."""
        cells = self._document.columns.get(column)
        variable = self._city.variables.get(observed.variable) if isinstance(observed.variable, str) else None
        constant = isinstance(observed.value, Take) and not (observed.value.values or observed.value.match)
        if cells is None or variable is None or not constant or not isinstance(observed.unit, str):
            return None
        unit = unit_named(observed.unit or variable.unit)
        factor = unit.factor if unit and unit.base == UNITS[variable.unit].base else None
        if not pa.types.is_integer(cells.type) or factor is None or factor != factor.to_integral_value():
            return None
        largest = max(abs(pc.max(cells).as_py() or 0), abs(pc.min(cells).as_py() or 0))
        if largest * factor >= 2**63:
            return None
        whole = pc.multiply(cells.cast(pa.int64()), int(factor))
        self._limits(variable, whole, column)
        blank = pa.repeat(pa.scalar("="), len(cells))
        units = pa.repeat(pa.scalar(unit.id if unit else ""), len(cells))
        return whole.cast(pa.decimal128(19, 0)).cast(DECIMAL), blank, units, pc.is_valid(cells)

    def _limits(self, variable: Variable, whole: pa.Array, column: str) -> None:
        factor = UNITS[variable.unit].factor
        for bound, compare in ((variable.minimum, pc.less), (variable.maximum, pc.greater)):
            if bound is not None:
                outside = pc.fill_null(compare(whole, pa.scalar(int(bound * factor), pa.int64())), False)
                for row in pc.indices_nonzero(outside).to_pylist()[:100]:
                    where = self._document.where(row, column)
                    self.problems.append(Problem(rules.OUT_OF_RANGE, where, str(whole[row]), _range(variable)))

    def _understood(
        self, variable: Variable | None, unit: str, cell: str
    ) -> tuple[Decimal, str, str] | tuple[Rule, dict[str, str]] | None:
        number = read_number(cell)
        if number is None or variable is None:
            return None
        if isinstance(number, Rule):
            return number, {}
        return _in_base(variable, unit, number)

    def _texts_checked(self, variable: pa.Array, given: pa.Array, column: str) -> None:
        joined = pc.binary_join_element_wise(variable, given, "\x1f")

        def wrong(text: str) -> tuple[Rule, dict[str, str]] | None:
            name, _, cell = text.partition("\x1f")
            return _wrong_text(self._city, self._city.variables.get(name), cell)

        self._each(joined, column, wrong, lambda text: text.partition("\x1f")[2])

    def _periods(self, period: pa.Array, holds: pa.Array, observed: Observed) -> tuple[pa.Array, pa.Array]:
        encoded = pc.dictionary_encode(pc.if_else(holds, period, pa.scalar("1970")))
        starts, ends = [], []
        for number, text in enumerate(encoded.dictionary.to_pylist()):
            try:
                parsed = Period.parse(text)
                starts.append(parsed.start)
                ends.append(parsed.end)
            except ValueError:
                row = pc.index(encoded.indices, number).as_py()
                where = self._document.where(row, _column_of(observed.period))
                self.problems.append(Problem(rules.BAD_PERIOD, where, text))
                starts.append(None)
                ends.append(None)
        return (pa.array(column, pa.date32()).take(encoded.indices) for column in (starts, ends))  # type: ignore[return-value]

    def _coded(self, column: pa.Array, allowed: Iterable[str], field: Field, name: str) -> None:
        choices = {"allowed": " ".join(each or '""' for each in allowed), "column": name}

        def wrong(text: str) -> tuple[Rule, dict[str, str]] | None:
            return None if text in allowed else (rules.UNKNOWN_CODE, choices)

        self._each(column, _column_of(field) or name, wrong)

    def _industries(self, column: pa.Array, observed: Observed) -> None:
        def wrong(text: str) -> tuple[Rule, dict[str, str]] | None:
            return None if not text or text in self._city.industries else (rules.UNKNOWN_INDUSTRY, {})

        self._each(column, _column_of(observed.industry) or "industry", wrong)

    def _sources(self, observed: Observed) -> Iterator[pa.Array]:
        given = self._city.sources.get(self._source)
        cited = self._evaluator.evaluate(observed.source)
        for name, text in (("source", "title"), ("source_date", "date"), ("source_address", "address")):
            stated = cited if name == "source" else self._evaluator.evaluate(getattr(observed, name))
            if given is not None:
                default = pa.scalar(getattr(given, text), pa.string())
                stated = pc.if_else(pc.and_(pc.equal(stated, ""), pc.equal(cited, "")), default, stated)
            yield stated
        if given is None:
            missing = pc.equal(cited, "")
            if pc.any(missing).as_py():
                row = pc.index(missing, True).as_py()
                where = self._document.where(row, _column_of(observed.source))
                self.problems.append(Problem(rules.NO_SOURCE, where))

    def _each(
        self,
        column: pa.Array,
        name: str,
        wrong: Callable[[str], tuple[Rule, dict[str, str]] | None],
        shown: Callable[[str], str] = str,
    ) -> None:
        encoded = pc.dictionary_encode(column)
        for number, text in enumerate(encoded.dictionary.to_pylist()):
            reason = wrong(text)
            if reason is not None:
                row = pc.index(encoded.indices, number).as_py()
                self.problems.append(Problem(reason[0], self._document.where(row, name), shown(text), reason[1]))


def _in_base(variable: Variable, unit: str, number: Number) -> tuple[Decimal, str, str] | tuple[Rule, dict[str, str]]:
    written, declared = unit_named(number.unit) if number.unit else None, unit_named(unit or variable.unit)
    base = UNITS[variable.unit].base
    if number.unit and written is None:
        return rules.UNKNOWN_UNIT, {"unit": number.unit}
    if declared is None:
        return rules.UNKNOWN_UNIT, {"unit": unit}
    chosen = written or declared
    if chosen.base != base or (written and unit and written.factor != declared.factor):
        return rules.WRONG_UNIT, {"unit": chosen.id, "expected": unit or variable.unit}
    value = exact(number.value, chosen.factor)
    if value is None:
        return TOO_PRECISE, {}
    scale = UNITS[variable.unit].factor
    low, high = variable.minimum, variable.maximum
    if (low is not None and value < low * scale) or (high is not None and value > high * scale):
        return rules.OUT_OF_RANGE, _range(variable)
    if variable.type == "integer" and value != value.to_integral_value():
        return rules.NOT_WHOLE, {}
    return value, number.qualifier, chosen.id


def _wrong_text(city: City, variable: Variable | None, text: str) -> tuple[Rule, dict[str, str]] | None:
    if variable is None or not text:
        return None
    if variable.type in ("number", "integer"):
        return rules.TEXT_FOR_NUMBER, {"variable": variable.id}
    if variable.values and text not in variable.values:
        return rules.UNKNOWN_CODE, {"allowed": " ".join(variable.values), "column": variable.id}
    if variable.code:
        reason = CHECKS[variable.code](text, city)
        if reason is not None:
            return rules.WRONG_CODE, {"zh": reason[0], "en": reason[1]}
    return None


def _range(variable: Variable) -> dict[str, str]:
    low = "…" if variable.minimum is None else str(variable.minimum)
    high = "…" if variable.maximum is None else str(variable.maximum)
    return {"low": low, "high": high, "unit": variable.unit, "variable": variable.id}


def _column_of(field: Field | None) -> str:
    if isinstance(field, Take):
        return ", ".join(field.names)
    if isinstance(field, tuple):
        return next((found for found in map(_column_of, field) if found), "")
    return ""
