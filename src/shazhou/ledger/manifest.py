"""The manifest: which files make up the ledger, with size and sha256, one line each in ``manifest.jsonl``.

A line is written after its file has been flushed; a later line about a file replaces an earlier one, and a line
without hash takes it off the list. What stands in the manifest must be intact. What does not was never
acknowledged: the last writer died, and the next one puts the file on the list if it is whole, or sets it aside.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.ledger.store import append_line, put, sha256_of

DAMAGED_LINE = Rule(
    "manifest-damaged",
    "Line {line} of the ledger's manifest is damaged.",
    "账本清单第 {line} 行已损坏。",
    "Restore manifest.jsonl from a backup, then run shazhou verify.",
    "请从备份恢复 manifest.jsonl，再运行 shazhou verify。",
)


class Entry(NamedTuple):
    """A file of the ledger, by its path within it."""

    file: str
    sha256: str
    size: int


class Manifest:
    """Reads and extends ``manifest.jsonl``; all writing happens under the ledger's lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "manifest.jsonl"

    def entries(self) -> dict[str, Entry]:
        """The files on the list.

        Raises:
            Refused: a line is not exactly as it was written.
        """
        found: dict[str, Entry] = {}
        for number, line in enumerate(self._lines(), 1):
            entry = _parsed(line)
            if entry is None:
                raise Refused([Problem(DAMAGED_LINE, Where(str(self._path), row=number), "", {"line": str(number)})])
            if entry.sha256:
                found[entry.file] = entry
            else:
                found.pop(entry.file, None)
        return found

    def add(self, *files: Path) -> None:
        """Puts flushed files on the list."""
        for file in files:
            append_line(self._path, _written(self._entry(file)))

    def remove(self, names: Iterable[str]) -> None:
        """Takes files off the list."""
        for name in names:
            append_line(self._path, _written(Entry(name, "", 0)))

    def renew(self, files: Iterable[Path]) -> None:
        """Replaces the list by one of these files."""
        lines = [_written(self._entry(file)) + b"\n" for file in sorted(files)]
        put(self._path, b"".join(lines))

    def drop_torn_tail(self) -> None:
        """Cuts off a last line that a power cut left unfinished; a finished one that was damaged stays, to be found."""
        content = self._path.read_bytes()
        tail = content[content.rfind(b"\n") + 1 :]
        if tail and not tail.rstrip(b"\0").count(b"}"):
            put(self._path, content[: len(content) - len(tail)])

    def _entry(self, file: Path) -> Entry:
        return Entry(file.relative_to(self._folder).as_posix(), sha256_of(file), file.stat().st_size)

    def _lines(self) -> list[bytes]:
        return self._path.read_bytes().removesuffix(b"\n").split(b"\n") if self._path.stat().st_size else []


def _written(entry: Entry) -> bytes:
    return json.dumps(entry._asdict(), ensure_ascii=False, separators=(",", ":")).encode()


def _parsed(line: bytes) -> Entry | None:
    try:
        entry = Entry(**json.loads(line))
        return entry if _written(entry) == line else None
    except (ValueError, TypeError):
        return None
