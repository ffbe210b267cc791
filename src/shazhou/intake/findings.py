"""What is found wrong with a document, row by row, up to a limit."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.intake.coded import Coded, Mask
from shazhou.intake.document import Document

MOST = 1000
"""So many problems are listed; of further ones the number is said."""

MORE = Rule(
    "more-problems",
    "{found} more problems are not listed.",
    "另有 {found} 个问题未列出。",
    "Mend these first; a column or mapping that is wrong as a whole makes most of them.",
    "请先改正已列出的问题；多数往往源于同一列或映射有误。",
)

Breach = tuple[Rule, Mapping[str, str]]
"""A rule that is broken, with the values for its sentences."""


class Findings:
    """Collects problems of one document, beginning with those that reading it met."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._listed: list[Problem] = list(document.problems[:MOST])
        self._count = len(document.problems)

    def __bool__(self) -> bool:
        return self._count > 0

    def add(self, rule: Rule, where: Where, found: str = "", values: Mapping[str, str] | None = None) -> None:
        """Adds a problem at a place."""
        self._count += 1
        if len(self._listed) < MOST:
            self._listed.append(Problem(rule, where, found, values or {}))

    def at(self, rule: Rule, mask: Mask, column: str, found: str = "", values: Mapping[str, str] | None = None) -> None:
        """Adds a problem for each row of a mask."""
        rows = np.flatnonzero(mask)
        for row in rows[: max(0, MOST - len(self._listed))].tolist():
            self._listed.append(Problem(rule, self._document.where(row, column), found, values or {}))
        self._count += len(rows)

    def judge(
        self,
        codes: npt.NDArray[np.int32],
        breaches: Mapping[int, tuple[str, Breach]],
        column: str,
        where: Mask | None = None,
    ) -> None:
        """Adds a problem for each row whose code broke a rule; ``breaches``: what was found and the rule, by code."""
        if not breaches:
            return
        wrong = np.zeros(max(int(codes.max(initial=0)), max(breaches)) + 1, np.bool_)
        wrong[list(breaches)] = True
        rows = np.flatnonzero(wrong[codes] if where is None else wrong[codes] & where)
        for row in rows[: max(0, MOST - len(self._listed))].tolist():
            found, (rule, values) = breaches[int(codes[row])]
            self._listed.append(Problem(rule, self._document.where(row, column), found, values))
        self._count += len(rows)

    def texts(
        self, texts: Coded, check: Callable[[str], Breach | None], column: str, where: Mask | None = None
    ) -> None:
        """Adds a problem for each row whose text breaks a rule."""
        breaches = {}
        for code, text in enumerate(texts.values):
            breach = check(text)
            if breach is not None:
                breaches[code] = (text, breach)
        self.judge(texts.codes, breaches, column, where)

    def raise_if_any(self) -> None:
        """Raises Refused with what was found, in the order of rows."""
        if not self._count:
            return
        first: dict[tuple[object, ...], Problem] = {}
        for number, problem in enumerate(self._listed):
            first.setdefault(_cell(number, problem), problem)
        listed = sorted(first.values(), key=_order)
        if self._count > len(self._listed):
            listed.append(Problem(MORE, Where(self._document.file), str(self._count - len(self._listed))))
        raise Refused(listed)


def _order(problem: Problem) -> int:
    return problem.where.row or 0


def _cell(number: int, problem: Problem) -> tuple[object, ...]:
    """What a problem is about: of several with one cell only the first is told, the others follow from it."""
    where = problem.where
    return (where.row, where.column) if where.row is not None and where.column else (number,)
