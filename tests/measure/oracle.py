"""The oracle: what the design says about figures, said again with frames and loops.

It is written from the design and shares no code with the engine but the reading of an SDMX period. Formulas come as
nested tuples: ``("sum", "output", condition)``, ``("+", a, b)``, ``("yoy", a)`` and so on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

import pandas as pd
from small_city import INDUSTRIES, PLACES, SOURCES

from shazhou.city.period import Period

Span = tuple[date, date]
MEASURES = {"output": "flow", "staff": "stock", "margin": "rate", "capital": "attribute", "gdp": "flow"}
TEXTS = ("place", "industry", "size", "same_as", "industry_code")
STEEL_CODES = ("31", "311")
EXACT = Context(prec=50)


@dataclass
class Told:
    """What an entity's statements come to for one span: value or text, marks, and how many statements went in."""

    content: Any
    marks: frozenset[str]
    count: int = 1


@dataclass
class Seen:
    """What a figure rests on, gathered while its formula is worked out."""

    marks: set[str] = field(default_factory=set)
    counts: dict[Any, int] = field(default_factory=dict)


class Oracle:
    """Figures of deliveries, each a list of rows as `small_city.ledger_of` takes them."""

    def __init__(self, deliveries: list[list[dict[str, Any]]]) -> None:
        plain = {"industry": "", "text": None, "value": None, "source_date": "", "kind": "actual", "origin": ""}
        rows = [
            {**plain, **row, "order": (number, position)}
            for number, delivery in enumerate(deliveries)
            for position, row in enumerate(delivery)
        ]
        merged = self._merged([row for row in rows if row["variable"] == "same_as"])
        for row in rows:
            row["entity"] = merged.get(row["entity"], row["entity"])
        self.counting = self._winners(rows)

    def figure(self, formula: Any, place: str, industry: str, period: str, decimals: int) -> tuple[Any, ...]:
        """Value, whether disputed, whether simulated, number of statements."""
        parsed = Period.parse(period)
        seen = Seen()
        value = self._worked_out(formula, place, industry, (parsed.start, parsed.end), seen)
        if value is not None:
            value = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, EXACT)
        return value, "disputed" in seen.marks, "simulated" in seen.marks, sum(seen.counts.values())

    # Statements

    def _merged(self, rows: list[dict[str, Any]]) -> dict[str, str]:
        same: dict[str, str] = {}
        for row in sorted(self._winners(rows), key=lambda r: (r["start"], r["order"])):
            same[row["entity"]] = row["content"]
        found = {}
        for entity in same:
            trace = [entity]
            while trace[-1] in same and same[trace[-1]] not in trace:
                trace.append(same[trace[-1]])
            ring = same.get(trace[-1])
            found[entity] = trace[-1] if ring is None else min(trace[trace.index(ring) :])
        return found

    def _winners(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if not rows:
            return []
        frame = pd.DataFrame(rows)
        spans = frame["period"].map(Period.parse)
        frame = frame.assign(start=[p.start for p in spans], end=[p.end for p in spans])
        key = ["entity", "industry", "variable", "kind", "start", "end"]
        newest = frame.sort_values("order").groupby([*key, "source"], sort=False).tail(1).to_dict("records")
        live: dict[Any, list[dict[str, Any]]] = {}
        for row in newest:
            content = row["text"] if row["variable"] in TEXTS else row["value"]
            if content is not None and not (isinstance(content, float) and pd.isna(content)):
                live.setdefault(tuple(row[name] for name in key), []).append({**row, "content": content})
        return [self._best(rivals) for rivals in live.values()]

    def _best(self, rivals: list[dict[str, Any]]) -> dict[str, Any]:
        best = max(rivals, key=lambda r: (SOURCES[r["source"]] == "strong", r["source_date"], r["order"]))
        marks = {"simulated"} if best["origin"] == "simulated" else set()
        if len({rival["content"] for rival in rivals}) > 1:
            marks.add("disputed")
        return {**best, "marks": frozenset(marks)}

    # Periods

    def at(self, variable: str, span: Span, kind: str = "actual") -> dict[tuple[str, str], Told]:
        """What each entity (and industry of a cell) states of a variable for a span."""
        measure = MEASURES.get(variable, "attribute")
        rows: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for row in self.counting:
            if row["variable"] == variable and row["kind"] == kind:
                rows.setdefault((row["entity"], row["industry"]), []).append(row)
        found = {who: getattr(self, f"_{measure}")(each, span) for who, each in rows.items()}
        return {who: told for who, told in found.items() if told is not None}

    def _rate(self, rows: list[dict[str, Any]], span: Span) -> Told | None:
        return next((Told(r["content"], r["marks"]) for r in rows if (r["start"], r["end"]) == span), None)

    def _stock(self, rows: list[dict[str, Any]], span: Span) -> Told | None:
        inside = [row for row in rows if row["start"] >= span[0] and row["end"] <= span[1]]
        last = max(inside, key=lambda r: (r["end"], r["end"] - r["start"]), default=None)
        return None if last is None else Told(last["content"], last["marks"])

    def _attribute(self, rows: list[dict[str, Any]], span: Span) -> Told | None:
        begun = [row for row in rows if row["start"] <= span[1]]
        last = max(begun, key=lambda r: (r["start"], r["start"] - r["end"]), default=None)
        return None if last is None else Told(last["content"], last["marks"])

    def _flow(self, rows: list[dict[str, Any]], span: Span) -> Told | None:
        return self._calendar(rows, span) or self._difference(rows, span)

    def _calendar(self, rows: list[dict[str, Any]], span: Span) -> Told | None:
        return self._rate(rows, span) or self._tiled(rows, span)

    def _tiled(self, rows: list[dict[str, Any]], span: Span) -> Told | None:
        for months in (12, 3, 1, 0):
            parts = self._units(span, months)
            if parts and parts != [span]:
                told = [self._calendar(rows, part) for part in parts]
                known = [each for each in told if each is not None]
                if len(known) < len(told):
                    return None
                marks = frozenset().union(*(each.marks for each in known))
                return Told(sum(each.content for each in known), marks, sum(each.count for each in known))
        return None

    def _units(self, span: Span, months: int) -> list[Span]:
        """The span cut into whole units of so many months (0: days), or nothing where they do not fit."""
        units, start = [], span[0]
        while start <= span[1]:
            if months and (start.day != 1 or (start.month - 1) % months):
                return []
            number = start.year * 12 + start.month - 1 + months
            end = date(number // 12, number % 12 + 1, 1) - timedelta(days=1) if months else start
            if end > span[1]:
                return []
            units.append((start, end))
            start = end + timedelta(days=1)
        return units

    def _difference(self, rows: list[dict[str, Any]], span: Span) -> Told | None:
        january = date(span[0].year, 1, 1)
        if span[0].year != span[1].year or span[0] == january:
            return None
        late = self._rate(rows, (january, span[1]))
        early = self._rate(rows, (january, span[0] - timedelta(days=1)))
        if late is None or early is None:
            return None
        return Told(late.content - early.content, late.marks | early.marks, 2)

    # Places and industries

    def members(self, place: str, industry: str, span: Span) -> dict[str, set[str]]:
        """The firms in a place and industry, each with the door's marks of what puts it there."""
        places, named, coded = self.at("place", span), self.at("industry", span), self.at("industry_code", span)
        firms = {row["entity"] for row in self.counting if row["entity"].startswith("enterprise:")}
        found = {}
        for firm in firms:
            at = places.get((firm, ""))
            if not _below(at.content.removeprefix("place:") if at else "city", place, PLACES):
                continue
            reasons = [at] if at else []
            if industry:
                name, code = named.get((firm, "")), coded.get((firm, ""))
                why = [name] if name and _below(name.content, industry, INDUSTRIES) else []
                why += [code] if code and industry in ("steel", "metal") and code.content in STEEL_CODES else []
                if not why:
                    continue
                reasons += why
            found[firm] = {mark for each in reasons for mark in each.marks} & {"simulated"}
        return found

    # Formulas

    def _worked_out(
        self, formula: Any, place: str, industry: str, span: Span, seen: Seen, to_date: bool = False
    ) -> Any:
        def of(part: Any, when: Span = span) -> Any:
            return self._worked_out(part, place, industry, when, seen, to_date)

        match formula:
            case Decimal():
                return formula
            case ("neg", part):
                value = of(part)
                return None if value is None else EXACT.minus(value)
            case ("cumulative", part):
                return self._worked_out(part, place, industry, span, seen, True)
            case ("difference", part):
                return _with(EXACT.subtract, of(part), of(part, _earlier(span)))
            case ("yoy", part):
                now, before = of(part), of(part, _earlier(span))
                return None if before is None or before <= 0 else _with(_growth, now, before)
            case ("share", part, whole):
                return _with(
                    lambda a, b: None if b == 0 else EXACT.multiply(EXACT.divide(a, b), Decimal(100)),
                    of(part),
                    of(whole),
                )
            case ("+" | "-" | "*" | "/" as operator, left, right):
                return _with(lambda a, b: _arithmetic(operator, a, b), of(left), of(right))
        return self._leaf(formula, place, industry, span, to_date, seen)

    def _leaf(self, leaf: Any, place: str, industry: str, asked: Span, to_date: bool, seen: Seen) -> Any:
        function, variable = leaf[0], leaf[1]
        span = (date(asked[0].year, 1, 1), asked[1]) if to_date else asked
        if function == "value":
            told = self.at(variable, span, leaf[2]).get((f"place:{place}", industry))
            found = [(told, told.content)] if told else []
        else:
            found = list(self._over(function, variable, leaf[2], place, industry, span))
        seen.marks |= {mark for told, _ in found for mark in told.marks}
        seen.counts[leaf, asked, to_date] = sum(told.count for told, _ in found)
        return _aggregated(function, [value for _, value in found]) if found else None

    def _over(
        self, function: str, variable: Any, where: Any, place: str, industry: str, span: Span
    ) -> Iterator[tuple[Told, Any]]:
        test = variable if function == "count?" else None
        name = _variables(test)[0] if test else variable
        members = self.members(place, industry, span)
        known = {each: self.at(each, span) for each in {name, *_variables(test), *_variables(where)}}
        for (firm, _cell), told in known[name].items():
            if firm not in members:
                continue
            values = {each: tolds.get((firm, "")) for each, tolds in known.items()}
            if where is not None and _holds(where, values) is not True:
                continue
            marks = set(members[firm]).union(*(value.marks for value in values.values() if value))
            passes = None if test is None else _holds(test, values) is True
            yield Told(told.content, frozenset(marks), told.count), told.content if test is None else passes


def _below(key: str, above: str, parents: dict[str, str]) -> bool:
    while key:
        if key == above:
            return True
        key = parents.get(key, "")
    return False


def _earlier(span: Span) -> Span:
    after = span[1] + timedelta(days=1)
    return span[0].replace(year=span[0].year - 1), after.replace(year=after.year - 1) - timedelta(days=1)


def _with(operation: Any, left: Any, right: Any) -> Any:
    return None if left is None or right is None else operation(left, right)


def _growth(now: Decimal, before: Decimal) -> Decimal:
    return EXACT.subtract(EXACT.multiply(EXACT.divide(now, before), Decimal(100)), Decimal(100))


def _arithmetic(operator: str, left: Decimal, right: Decimal) -> Decimal | None:
    match operator:
        case "+":
            return EXACT.add(left, right)
        case "-":
            return EXACT.subtract(left, right)
        case "*":
            return EXACT.multiply(left, right)
    return None if right == 0 else EXACT.divide(left, right)


def _aggregated(function: str, values: list[Any]) -> Decimal:
    match function:
        case "count":
            return Decimal(len(values))
        case "count?":
            return Decimal(sum(values))
        case "mean":
            return EXACT.divide(sum(values), Decimal(len(values)))
        case "median":
            ordered = sorted(values)
            middle = len(ordered) // 2
            return EXACT.divide(ordered[middle] + ordered[~middle], Decimal(2))
        case "min":
            return min(values)
        case "max":
            return max(values)
    return sum(values, Decimal(0))


def _variables(condition: Any) -> list[str]:
    match condition:
        case None:
            return []
        case ("and" | "or", parts):
            return [name for part in parts for name in _variables(part)]
        case ("not", part):
            return _variables(part)
    return [condition[1]]


def _holds(condition: Any, values: dict[str, Told | None]) -> bool | None:
    """True, False, or None where it is not known."""
    match condition:
        case ("not", part):
            inner = _holds(part, values)
            return None if inner is None else not inner
        case ("and", parts):
            found = [_holds(part, values) for part in parts]
            return False if False in found else None if None in found else True
        case ("or", parts):
            found = [_holds(part, values) for part in parts]
            return True if True in found else None if None in found else False
    kind, name, *rest = condition
    told = values[name]
    if told is None:
        return None
    if kind == "in":
        return told.content in rest[0]
    content, constant = told.content, rest[1]
    return {
        "==": content == constant,
        "!=": content != constant,
        "<": isinstance(content, Decimal) and content < constant,
        "<=": isinstance(content, Decimal) and content <= constant,
        ">": isinstance(content, Decimal) and content > constant,
        ">=": isinstance(content, Decimal) and content >= constant,
    }[rest[0]]
