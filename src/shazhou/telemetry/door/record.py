"""Documents of the door: records in one table, numbered as a spreadsheet shows them, so that a trail ends at a row."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

Cells = Mapping[str, object]

FIRST = 2
"""The number of the first record: the header is row 1."""


@dataclass(frozen=True)
class Document:
    """Records of a document in their order; each has the same ``columns``, what it does not state is empty."""

    columns: tuple[str, ...]
    records: tuple[Cells, ...]

    def rows(self) -> Iterable[tuple[int, Cells]]:
        """The records with their row numbers."""
        return enumerate(self.records, FIRST)

    @cached_property
    def text(self) -> bytes:
        """The records as CSV."""
        with io.StringIO(newline="") as out:
            writer = csv.DictWriter(out, self.columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.records)
            return out.getvalue().encode()

    @cached_property
    def content(self) -> str:
        """What tells one document from another: the beginning of its sha256."""
        return hashlib.sha256(self.text).hexdigest()[:16]

    def packed(self) -> bytes:
        """The CSV, gzipped."""
        return gzip.compress(self.text, mtime=0)


def plain(value: object) -> str:
    """A cell: numbers without digits that say nothing, lists parted by blanks."""
    match value:
        case None:
            return ""
        case float():
            return f"{value:.6f}".rstrip("0").rstrip(".")
        case list() | tuple():
            return " ".join(map(str, value))
    return str(value)


def local(moment: int, zone: ZoneInfo) -> str:
    """A moment in milliseconds as people of the city write it, with the distance from UTC."""
    return datetime.fromtimestamp(moment / 1000, zone).isoformat(timespec="minutes")
