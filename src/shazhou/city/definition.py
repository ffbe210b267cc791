"""What all definitions of a city folder have in common: immutable objects, ids, and texts in two languages."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Key = Annotated[str, Field(pattern=r"^[\w.-]+$", max_length=64)]
"""The key of a place or an industry: it stands in ids such as ``place:320582`` and in formulas."""

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
"""The id of a variable or an indicator: a name that a formula can use."""

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""A text that says something."""


class Definition(BaseModel):
    """Base of all definitions: immutable, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Text(Definition):
    """A text in Chinese and English."""

    zh: Words
    en: Words

    def of(self, language: str) -> str:
        return self.zh if language == "zh" else self.en
