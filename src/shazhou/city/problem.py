"""A problem: what is wrong, where, by which rule, and how to mend it.

Every refusal in Shazhou is a list of problems. A rule is data: an identifier and four sentences (what is wrong and how
to mend it, in Chinese and English) with ``{placeholders}`` filled from the problem's ``values``. Rooms declare their
rules as module constants and raise `Refused` with all problems found at once, never one at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Language = Literal["zh", "en"]

LONGEST = 160
"""Characters of a value within a sentence; the whole value stays in the problem."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Rule:
    """A rule that input can break, with its sentences. ``id`` is stable and kebab-case."""

    id: str
    en: str
    zh: str
    mend_en: str
    mend_zh: str


@dataclass(frozen=True)
class Where:
    """A place in what the user gave: file, sheet, row (1-based, as shown by the user's program), column, and for
    formulas the character offset within ``text`` that a caret points at."""

    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""
    text: str = ""
    offset: int | None = None

    def __str__(self) -> str:
        parts = [self.file]
        if self.sheet:
            parts.append(f"[{self.sheet}]")
        if self.row is not None:
            parts.append(f":{self.row}")
        if self.column:
            parts.append(f" {_shortened(self.column)}")
        return "".join(parts).strip()


@dataclass(frozen=True)
class Problem:
    """One broken rule at one place. ``found`` is the value found there, as text."""

    rule: Rule
    where: Where
    found: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    def says(self, language: Language) -> str:
        """What is wrong, in one sentence."""
        return self._fill(self.rule.zh if language == "zh" else self.rule.en)

    def mend(self, language: Language) -> str:
        """What the user can do about it, in one sentence."""
        return self._fill(self.rule.mend_zh if language == "zh" else self.rule.mend_en)

    def as_dict(self) -> dict[str, object]:
        """The problem as JSON-ready data, in both languages."""
        return {
            "rule": self.rule.id,
            "file": self.where.file,
            "sheet": self.where.sheet,
            "row": self.where.row,
            "column": self.where.column,
            "found": self.found,
            "en": self.says("en"),
            "zh": self.says("zh"),
            "mend_en": self.mend("en"),
            "mend_zh": self.mend("zh"),
        }

    def _fill(self, sentence: str) -> str:
        known = {"found": self.found, **self.values}
        return _PLACEHOLDER.sub(lambda match: _shortened(known.get(match[1], match[0])), sentence)

    def __str__(self) -> str:
        caret = ""
        if self.where.text and self.where.offset is not None:
            caret = f"\n  {self.where.text}\n  {' ' * self.where.offset}^"
        place = f"{self.where}: " if str(self.where) else ""
        return (
            f"{place}{self.says('en')} {self.mend('en')} [{self.rule.id}]\n  {self.says('zh')}{self.mend('zh')}{caret}"
        )


def _shortened(value: str) -> str:
    return value if len(value) <= LONGEST else value[: LONGEST - 1] + "…"


class Refused(Exception):
    """What the user gave breaks rules; nothing was changed. ``problems`` holds every one that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
