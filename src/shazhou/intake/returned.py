"""A return: what one reporter states for one period of a collection, cell by cell as it was typed."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, Field

from shazhou.city.model import Definition

_NO_TEXT = ("Cc", "Cs", "Co", "Cn")
"""Categories of characters that no text holds: control characters, halves of pairs, unassigned ones."""


def _plain(text: object) -> object:
    if not isinstance(text, str):
        return text
    return " ".join("".join(" " if unicodedata.category(each) in _NO_TEXT else each for each in text).split())


Typed = Annotated[str, BeforeValidator(_plain)]
"""A text as typed, on one line: line breaks and control characters become blanks."""


class Cell(Definition):
    """One cell of a return.

    ``given`` and ``unit`` are as typed (no unit: the variable's), ``note`` is a remark. A ``prefilled`` cell shows what
    the ledger held and was left as it was: it is not stated again, and what it shows is taken from the ledger.
    """

    given: Typed = ""
    unit: Typed = ""
    note: Typed = ""
    prefilled: bool = False


class Return(Definition):
    """A return, in a revision: each time that it is handed in after an approval counts one up.

    ``period`` is an SDMX period of the collection's frequency; ``cells`` go by variable; ``submitted`` is when the
    reporter handed it in, empty in a draft. ``unlocked`` is why the bureau takes it after its lock date.
    """

    collection: str
    entity: str
    period: str
    revision: int = Field(default=1, ge=1)
    cells: dict[str, Cell] = Field(default_factory=dict)
    submitted: AwareDatetime | None = None
    unlocked: Typed = ""

    @property
    def id(self) -> str:
        """The id of its submission."""
        return f"form:{self.collection}:{self.entity}:{self.period}:{self.revision}"

    @classmethod
    def of_id(cls, name: str) -> Return:
        """A return by the id of its submission, without its cells.

        Raises:
            ValueError: it is the id of no return.
        """
        door, collection, rest = name.split(":", 2)
        entity, period, revision = rest.rsplit(":", 2)
        if door != "form":
            raise ValueError(name)
        return cls(collection=collection, entity=entity, period=period, revision=int(revision))

    @property
    def document_name(self) -> str:
        """The name of its document."""
        return f"{self.collection}-{self.entity.replace(':', '-')}-{self.period}-{self.revision}.csv"
