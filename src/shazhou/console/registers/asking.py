"""What an address asks of a register, and the addresses of its other pages and sorts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode

from shazhou.city.model import City
from shazhou.console.evidence.register import SORTS, Mark, Question, Sort

ASKED = ("q", "place", "industry", "status", "sort", "as_of")
LONGEST = 100
"""Characters of a search."""


@dataclass(frozen=True)
class Asked:
    """What is asked for as the address has it, and as a register understands it."""

    given: Mapping[str, str]
    question: Question
    after: Mark | None

    def address(self, **other: str) -> str:
        """The query of an address that asks the same but for some of it."""
        return "?" + urlencode({name: value for name, value in {**self.given, **other}.items() if value})


def asked(parameters: Mapping[str, str], city: City, kind: str) -> Asked:
    """What an address asks for; what makes no sense is left out."""
    given = {name: parameters.get(name, "").strip()[:LONGEST] for name in ASKED}
    given["place"] = given["place"] if given["place"] in city.places else ""
    given["industry"] = given["industry"] if given["industry"] in city.industries else ""
    sort = given["sort"].removeprefix("-")
    given["sort"] = given["sort"] if sort in SORTS and sort != "best" else ""
    question = Question(
        kind,
        given["q"].replace("\0", ""),
        city.descendants(given["place"]) if given["place"] else frozenset(),
        city.parts(given["industry"]) if given["industry"] else frozenset(),
        given["status"],
        cast(Sort, sort) if given["sort"] else "best",
        given["sort"].startswith("-"),
    )
    return Asked(given, question, _mark(parameters.get("after", "")))


def written(mark: Mark) -> str:
    """A mark as it stands in an address."""
    return f"{mark.number}.{mark.text}"


def _mark(given: str) -> Mark | None:
    number, dot, text = given.partition(".")
    return Mark(text, int(number)) if dot and number.isascii() and number.isdigit() and len(number) < 10 else None
