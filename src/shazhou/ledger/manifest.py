"""The manifest: which files make up the ledger, with size and sha256, one line each in ``manifest.jsonl``.

A line is written after its file has been flushed; a later line about a file replaces an earlier one, and a line
without hash takes it off the list. Every line carries a seal, a hash over itself and the line before, so that no line
can change, go or change places unnoticed. What stands in the manifest must be intact. What does not was never
acknowledged: the last writer died, and the next one puts the file on the list if it is whole, or sets it aside.
"""

from __future__ import annotations

import hashlib
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

LONGEST_LINE = 65_536

_START = b'{"file":"'


class Entry(NamedTuple):
    """A file of the ledger, by its path within it."""

    file: str
    sha256: str
    size: int


class Listing(NamedTuple):
    """What a manifest says: the files on the list, and the number of its first damaged line (0: none)."""

    entries: dict[str, Entry]
    damaged_line: int


class Manifest:
    """Reads and extends ``manifest.jsonl``; all writing happens under the ledger's lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "manifest.jsonl"
        # What was read before, so that only lines added since are read again: `_seen` is their exact text.
        self._seen, self._found, self._last = b"", Listing({}, 0), b""

    def read(self) -> Listing:
        """All that can be read; a last line that a power cut left unfinished counts as not written."""
        content = self._path.read_bytes()
        if not content.startswith(self._seen):
            self._seen, self._found, self._last = b"", Listing({}, 0), b""
        found, damaged = dict(self._found.entries), self._found.damaged_line
        lines = _lines(content[len(self._seen) :])
        for number, line in enumerate(lines, self._seen.count(b"\n") + 1):
            entry = _parsed(line)
            if not damaged and (entry is None or _written(entry, self._last) != line):
                damaged = number
            self._last = line
            if entry is not None and entry.sha256:
                found[entry.file] = entry
            elif entry is not None:
                found.pop(entry.file, None)
        self._seen += b"".join(line + b"\n" for line in lines)
        self._found = Listing(found, damaged)
        return Listing(dict(found), damaged)

    def entries(self) -> dict[str, Entry]:
        """The files on the list.

        Raises:
            Refused: a line is not exactly as it was written.
        """
        listing = self.read()
        if listing.damaged_line:
            raise Refused([self.damage(listing.damaged_line)])
        return listing.entries

    def damage(self, line: int) -> Problem:
        """The problem that a damaged line is."""
        return Problem(DAMAGED_LINE, Where(str(self._path), row=line), "", {"line": str(line)})

    def entry(self, file: Path) -> Entry:
        """The line for a file as it is now."""
        return Entry(self.name(file), sha256_of(file), file.stat().st_size)

    def name(self, file: Path) -> str:
        """A file's path within the ledger."""
        return file.relative_to(self._folder).as_posix()

    def add(self, *files: Path | Entry) -> None:
        """Puts flushed files on the list, all with one flush."""
        self._append([file if isinstance(file, Entry) else self.entry(file) for file in files])

    def remove(self, *names: str) -> None:
        """Takes files off the list."""
        self._append([Entry(name, "", 0) for name in names])

    def renew(self, entries: Iterable[Entry]) -> None:
        """Replaces the list, whole or not at all."""
        lines = _chained(sorted(entries), b"")
        put(self._path, b"".join(line + b"\n" for line in lines))

    def finish_last_line(self) -> None:
        """Drops a last line that a power cut left unfinished, and ends one that lacks only its end.

        A finished line that was damaged stays, to be found.
        """
        content = self._path.read_bytes()
        whole = b"".join(line + b"\n" for line in _lines(content))
        if whole != content:
            put(self._path, whole)

    def _append(self, entries: list[Entry]) -> None:
        if entries:
            append_line(self._path, b"\n".join(_chained(entries, self._last_line())))

    def _last_line(self) -> bytes:
        with self._path.open("rb") as file:
            file.seek(max(0, self._path.stat().st_size - LONGEST_LINE))
            return file.read().removesuffix(b"\n").rpartition(b"\n")[2]


def _lines(content: bytes) -> list[bytes]:
    *lines, tail = content.split(b"\n")
    return lines if _unfinished(tail) else [*lines, tail]


def _unfinished(tail: bytes) -> bool:
    written = tail.rstrip(b"\0")
    begun = written.startswith(_START) or _START.startswith(written)
    return begun and b"}" not in written


def _chained(entries: Iterable[Entry], previous: bytes) -> list[bytes]:
    lines = []
    for entry in entries:
        previous = _written(entry, previous)
        lines.append(previous)
    return lines


def _written(entry: Entry, previous: bytes) -> bytes:
    plain = json.dumps(entry._asdict(), ensure_ascii=False, separators=(",", ":")).encode()
    seal = hashlib.sha256(previous + b"\n" + plain).hexdigest()[:16]
    return plain.removesuffix(b"}") + b',"seal":"' + seal.encode() + b'"}'


def _parsed(line: bytes) -> Entry | None:
    try:
        row = json.loads(line)
        entry = Entry(str(row["file"]), str(row["sha256"]), int(row["size"]))
    except (ValueError, TypeError, KeyError):
        return None
    return entry
