"""Quotations: what was shown to somebody, kept beside the evidence for ever, one line each in ``quoted/figures.jsonl``.

The ledger does not know what a figure is; it keeps an id with the arguments behind it. A line carries a checksum of its
own, so that verification finds any change, and is written once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from shazhou.ledger.store import append_line, locked, make_folder, put

Arguments = dict[str, str | None]


class Quotations:
    """The quotations of a ledger, by id."""

    def __init__(self, ledger_folder: Path) -> None:
        self._folder = ledger_folder / "quoted"
        self._file = self._folder / "figures.jsonl"

    def keep(self, quotations: Mapping[str, Arguments]) -> None:
        """Keeps quotations that are not there yet; on return they are on disk."""
        make_folder(self._folder)
        with locked(self._folder / "lock"):
            self._finish_last_line()
            known = {line[:_ID_ENDS] for line in self._lines()}
            new = [_written(name, each) for name, each in quotations.items()]
            new = [line for line in new if line[:_ID_ENDS] not in known]
            if new:
                append_line(self._file, b"\n".join(new))

    def find(self, name: str) -> Arguments | None:
        """The arguments behind an id, or None where nothing intact was kept under it."""
        start = _START + name.encode()
        found = (_parsed(line) for line in self._lines() if line.startswith(start))
        return next((arguments for arguments in found if arguments and arguments.pop("id") == name), None)

    def damaged(self) -> Iterator[int]:
        """The numbers of lines that are not as they were written. A last line that was never finished is no damage."""
        content, lines = self._content(), self._lines()
        for number, line in enumerate(lines, 1):
            torn = number == len(lines) and not content.endswith(b"\n") and _unfinished(line)
            if _parsed(line) is None and not torn:
                yield number

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


def _written(name: str, arguments: Arguments) -> bytes:
    row = {"id": name, **arguments}
    return _plain({**row, "checksum": hashlib.sha256(_plain(row)).hexdigest()[:16]})


def _parsed(line: bytes) -> dict[str, str | None] | None:
    try:
        row: dict[str, str | None] = json.loads(line)
        checksum = row.pop("checksum")
        name = row.pop("id")
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    whole = name is not None and _written(name, row) == line and checksum is not None
    return {"id": name, **row} if whole else None


def _plain(row: Mapping[str, str | None]) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()
