"""Quotations: what was shown to somebody, kept beside the evidence for ever, one line each in ``quoted/figures.jsonl``.

The ledger does not know what a figure is; it keeps an id with the arguments behind it. A line is written once. It
carries a checksum of its own and that of the line before, so that verification finds any line that was changed, removed
or put in between, and the file where it is gone. Lines that are missing at the end cannot be told from lines that were
never written; they are not found.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from shazhou.ledger.permission import refuse_read_only
from shazhou.ledger.store import append_line, flush_with_folder, locked, make_folder, put, writable

Arguments = dict[str, str | None]


class _Line(NamedTuple):
    id: str
    arguments: Arguments
    previous: str


class Quotations:
    """The quotations of a ledger, by id."""

    def __init__(self, ledger_folder: Path) -> None:
        self._folder = ledger_folder / "quoted"
        self._file = self._folder / "figures.jsonl"
        self._lock = self._folder / "lock"

    def keep(self, quotations: Mapping[str, Arguments]) -> None:
        """Keeps quotations that are not there yet; on return they are on disk.

        Raises:
            Refused: there are new ones, and this user may not write to the ledger.
        """
        if not all(map(writable, (self._folder, self._file, self._lock))):
            intact = {line.id for line in map(_parsed, self._lines()) if line is not None}
            if quotations.keys() <= intact:
                return
        refuse_read_only(self._folder.parent, (self._folder, self._file, self._lock))
        make_folder(self._folder)
        if not self._lock.exists():
            # The file is there before the lock, so that a lock without it says that it was lost.
            self._file.touch()
            flush_with_folder(self._file)
        with locked(self._lock):
            self._finish_last_line()
            lines = self._lines()
            known = {line[:_ID_ENDS] for line in lines}
            last, new = _checksum(lines[-1]) if lines else "", []
            for name, arguments in quotations.items():
                if (_START + name.encode())[:_ID_ENDS] not in known:
                    new.append(_written(name, arguments, last))
                    last = _checksum(new[-1])
            if new:
                append_line(self._file, b"\n".join(new))

    def find(self, name: str) -> Arguments | None:
        """The arguments behind an id, or None where nothing intact was kept under it."""
        start = _START + name.encode()
        found = (_parsed(line) for line in self._lines() if line.startswith(start))
        return next((each.arguments for each in found if each is not None and each.id == name), None)

    @property
    def lost(self) -> bool:
        """Whether the file of a ledger that has quoted figures is gone."""
        return self._lock.exists() and not self._file.exists()

    def damaged(self) -> Iterator[int]:
        """The numbers of lines that are not as they were written or do not follow the line before.

        A last line that was never finished is no damage. Whether a line follows a damaged one cannot be told.
        """
        content, lines = self._content(), self._lines()
        before: str | None = ""
        for number, line in enumerate(lines, 1):
            row = _parsed(line)
            torn = number == len(lines) and not content.endswith(b"\n") and _unfinished(line)
            if not torn and (row is None or before not in (None, row.previous)):
                yield number
            before = None if row is None else _checksum(line)

    def _finish_last_line(self) -> None:
        """Drops what a dying writer left unfinished; a last line that is whole but for its end is given one."""
        content = self._content()
        tail = content[content.rfind(b"\n") + 1 :]
        if tail and _unfinished(tail):
            put(self._file, content[: -len(tail)])
        elif tail:
            put(self._file, content + b"\n")

    def _lines(self) -> list[bytes]:
        content = self._content()
        return content.removesuffix(b"\n").split(b"\n") if content else []

    def _content(self) -> bytes:
        return self._file.read_bytes() if self._file.exists() else b""


_START = b'{"id":"'
_ID_ENDS = len(_START) + 13


def _unfinished(tail: bytes) -> bool:
    written = tail.rstrip(b"\0")
    return b"}" not in written and (written.startswith(_START) or _START.startswith(written))


def _written(name: str, arguments: Arguments, previous: str) -> bytes:
    row = {"id": name, **arguments, "previous": previous}
    return _plain({**row, "checksum": hashlib.sha256(_plain(row)).hexdigest()[:16]})


def _checksum(line: bytes) -> str:
    """The checksum that stands at the end of a line, whether it is right or not."""
    return line[-18:-2].decode(errors="replace")


def _parsed(line: bytes) -> _Line | None:
    """What a line says, or None where it is not as it was written."""
    try:
        row = json.loads(line)
        del row["checksum"]
        found = _Line(row.pop("id"), row, row.pop("previous"))
        return found if _written(found.id, row, found.previous) == line else None
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _plain(row: Mapping[str, str | None]) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()
