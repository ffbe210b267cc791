"""What a document says as a whole: whether it contradicts itself, and whether anything of it would be lost."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from shazhou.city.period import Period
from shazhou.city.problem import Problem
from shazhou.intake import rules
from shazhou.intake.coded import Coded, Mask, numbered, stacked
from shazhou.intake.document import Document
from shazhou.intake.field import Evaluator
from shazhou.intake.findings import Findings
from shazhou.intake.stated import Stated
from shazhou.intake.value import BLANK_MARKS

MANY = frozenset({"alias", "same_as", "not_same_as"})
"""Variables of which one source states several values for one entity."""

_KEY = ("entity", "industry", "variable", "kind", "source")
_MOST_WARNINGS = 20


def contradictions(document: Document, parts: Sequence[Stated], findings: Findings) -> tuple[Problem, ...]:
    """Finds rows in which one source states different values for the same thing.

    Returns:
        a warning for rows that state again what another row states.
    """
    parts = [part for part in parts if len(part)]
    if not parts:
        return ()
    spans = stacked([part.texts["period"].map(_span) for part in parts])
    key = [stacked([part.texts[name] for part in parts]) for name in _KEY]
    numbers, bound = numbered([*key, spans])
    several = np.bincount(numbers, minlength=bound) > 1
    places = np.flatnonzero(several[numbers])
    if not len(places):
        return ()
    single = key[_KEY.index("variable")].where(lambda name: name not in MANY)
    return tuple(_compared(document, parts, numbers, places[single[places]], findings))


def lost_cells(
    document: Document, evaluator: Evaluator, columns: Collection[str], used: Mapping[str, Mask]
) -> tuple[Problem, ...]:
    """Warnings for cells with content that no observation took up: they are kept in the document only.

    Args:
        document: the document.
        evaluator: gives its texts.
        columns: columns that hold what is stated or noted.
        used: by column, the rows in which an observation took it up.
    """
    nowhere = np.zeros(len(document.rows), np.bool_)
    found = []
    for column in columns:
        texts = evaluator.text(column)
        left = ~used.get(column, nowhere) & texts.where(lambda text: text not in BLANK_MARKS)
        for row in np.flatnonzero(left)[:_MOST_WARNINGS].tolist():
            found.append(Problem(rules.LOST_CELL, document.where(row, column), _at(texts, row)))
    return tuple(found)


def _compared(
    document: Document,
    parts: Sequence[Stated],
    numbers: npt.NDArray[np.int64],
    places: npt.NDArray[np.int64],
    findings: Findings,
) -> Iterator[Problem]:
    starts = np.cumsum([0, *(len(part) for part in parts)])
    first: dict[int, tuple[tuple[object, ...], str, int]] = {}
    warned = 0
    for place in places.tolist():
        number = int(np.searchsorted(starts, place, side="right")) - 1
        part, index = parts[number], place - int(starts[number])
        said = (part.value[index].as_py(), _at(part.said, index), _at(part.texts["qualifier"], index))
        given, row = _at(part.texts["given"], index), int(part.rows[index])
        other = first.setdefault(int(numbers[place]), (said, given, row))
        where = document.where(int(np.searchsorted(document.rows, row)), _at(part.texts["variable"], index))
        if other[0] != said:
            findings.add(rules.STATED_TWICE, where, given, {"other": other[1], "row": str(other[2])})
        elif other[2] != row and warned < _MOST_WARNINGS:
            warned += 1
            yield Problem(rules.STATED_AGAIN, where, given, {"row": str(other[2])})


def _span(text: str) -> str:
    try:
        period = Period.parse(text)
    except ValueError:
        return text
    return f"{period.start}/{period.end}"


def _at(column: Coded, index: int) -> str:
    return column.values[int(column.codes[index])]
