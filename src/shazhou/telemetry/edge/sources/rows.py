"""Rows of delimited text (CSV) as readings: a column with the moment, and one for each tag."""

from __future__ import annotations

import csv
from collections.abc import Collection
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from shazhou.city.definition import Definition
from shazhou.telemetry.edge.source import Reading, Value
from shazhou.telemetry.edge.sources import moments
from shazhou.telemetry.sparkplug.payload import BAD, GOOD

LONGEST = 1 << 20
"""Bytes of one row."""


class RowFormat(Definition):
    """How rows are written. A quoted cell may hold the delimiter, but no end of line."""

    delimiter: str = Field(default=",", min_length=1, max_length=1)
    encoding: str = "utf-8-sig"
    decimal: str = Field(default=".", pattern=r"^[.,]$")
    columns: tuple[str, ...] = ()
    """Names of the columns; without them the first row names them."""
    time: str = ""
    """The column with the moment; without it the moment of reading counts."""
    formats: tuple[str, ...] = ()
    """How moments are written, as in Python's strptime, tried in turn; without them ISO 8601 or a count since 1970."""
    zone: str = "UTC"
    midnight_closes: bool = False
    """A row stamped 00:00 belongs to the end of the day of its date."""
    totals: tuple[str, ...] = ()
    """Columns that say how much came since the row before, as of energy in each quarter of an hour: what they give is
    their sum so far, a meter that begins at 0 with the agent."""
    missing: tuple[str, ...] = ("", "NA", "N/A", "null", "-")
    """What stands where there is no value."""

    @field_validator("encoding")
    @classmethod
    def _one_byte_ends_a_line(cls, encoding: str) -> str:
        if "\n".encode(encoding.removesuffix("-sig")) != b"\n":
            raise PydanticCustomError("no_line_end", "only encodings in which a line ends with the byte 10")
        return encoding

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            return ZoneInfo(zone).key
        except ZoneInfoNotFoundError as error:
            raise PydanticCustomError("no_zone", "no time zone {detail}", {"detail": zone}) from error


class Rows:
    """Reads a file's rows one by one. ``malformed`` counts those that could not be read."""

    def __init__(self, form: RowFormat, tags: Collection[str]) -> None:
        self._form, self._tags = form, frozenset(tags)
        self._zone = ZoneInfo(form.zone)
        self._totals: dict[str, float] = dict.fromkeys(form.totals, 0.0)
        self.columns: tuple[str, ...] = form.columns
        self.malformed = 0

    def begin(self) -> None:
        """Another file begins, with a row of names unless the format has them."""
        self.columns = self._form.columns

    def readings(self, line: bytes, arrival: int) -> list[Reading]:
        """The readings of one line; nothing for the row of names, an empty line and one that cannot be read."""
        try:
            text = line.decode(self._form.encoding).strip("\r\n\0 ")
            cells = next(csv.reader((text,), delimiter=self._form.delimiter), [])
        except (UnicodeDecodeError, csv.Error):
            self.malformed += 1
            return []
        if not text:
            return []
        if not self.columns:
            self.columns = tuple(cell.strip() for cell in cells)
            return []
        if len(cells) != len(self.columns):
            self.malformed += 1
            return []
        row = dict(zip(self.columns, cells, strict=True))
        try:
            at = self._moment(row, arrival)
        except ValueError:
            self.malformed += 1
            return []
        return [self._reading(tag, cell, at) for tag, cell in row.items() if tag in self._tags]

    def missing(self) -> list[str]:
        """Tags that are no column."""
        return sorted(self._tags - set(self.columns)) + ([self._form.time] if self._time_is_missing() else [])

    def _time_is_missing(self) -> bool:
        return bool(self._form.time) and self._form.time not in self.columns

    def _moment(self, row: dict[str, str], arrival: int) -> int:
        if not self._form.time:
            return arrival
        return moments.of_text(row.get(self._form.time, ""), self._zone, self._form.formats, self._form.midnight_closes)

    def _reading(self, tag: str, cell: str, at: int) -> Reading:
        found = self._value(cell.strip())
        if tag in self._totals and isinstance(found, float):
            found = self._totals[tag] = self._totals[tag] + found
        return Reading(tag, found, at, BAD if found is None else GOOD)

    def _value(self, cell: str) -> Value:
        if cell in self._form.missing:
            return None
        number = cell.replace(".", "").replace(",", ".") if self._form.decimal == "," else cell
        try:
            return float(number)
        except ValueError:
            return cell
