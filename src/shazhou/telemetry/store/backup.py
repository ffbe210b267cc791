"""A store as it stands at one moment, held for a backup while the host goes on writing to it.

The journal names every file of rows, so its copy is the moment. Files of rows are written once, and what is computed
from rows is replaced whole: links keep both as they are, whatever compaction and retention delete meanwhile. Where
there can be no links (another disk, or somebody who may only read) they are copies.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from shazhou.city.problem import Problem, Refused, Where
from shazhou.ledger.store import locked, make_folder, writable
from shazhou.telemetry.store import journal
from shazhou.telemetry.store.filing import named
from shazhou.telemetry.store.kinds import KINDS
from shazhou.telemetry.store.reading import LOST

HELD, LOCK = "held", "backup.lock"
"""The folder of links within the store, and who may have it: one backup at a time."""

PASSING = frozenset({HELD, LOCK, "lock", "scratch", *KINDS, *(f"{journal.FILE}{end}" for end in ("", "-wal", "-shm"))})
"""What is in a store's folder and is not taken as it is found there."""

TRIES = 20
"""How often it is begun again where files go between the copy of the journal and the links."""


class Holding:
    """The files of one moment: by their paths within the store's folder, where they are held."""

    def __init__(self, folder: Path, held: Path) -> None:
        self._folder, self._held = folder, held
        self.files: dict[str, Path] = {}

    def freeze(self) -> None:
        """Holds the store as it is now, instead of what was held before; nothing where there is no store.

        Raises:
            Refused: the journal cannot be read, or a file that it names is not there.
        """
        self.files = {}
        missing = ""
        for _ in range(TRIES if self._folder.is_dir() else 0):
            shutil.rmtree(self._held, ignore_errors=True)
            make_folder(self._held)
            try:
                for name in self._rows():
                    self._hold(name)
                for name in self._others():
                    with suppress(FileNotFoundError):
                        self._hold(name)
                return
            except FileNotFoundError as error:
                missing = str(error.filename)
            except sqlite3.DatabaseError as error:
                raise Refused([Problem(LOST, Where(str(self._folder)), str(error))]) from error
        if missing:
            raise Refused([Problem(LOST, Where(str(self._folder)), missing)])

    def _rows(self) -> list[str]:
        """Copies the journal; the files of rows that it names."""
        if not (self._folder / journal.FILE).exists():
            return []
        copy = self._held / journal.FILE
        with closing(journal.connect(self._folder)) as reading, closing(sqlite3.connect(copy)) as written:
            reading.backup(written)
            rows = [file.name for file in named(written)]
        self.files[journal.FILE] = copy
        return rows

    def _others(self) -> list[str]:
        """What is computed from rows, and the city's key."""
        top = [each for each in sorted(self._folder.iterdir()) if each.name not in PASSING]
        found = [each for path in top for each in (sorted(path.rglob("*")) if path.is_dir() else [path])]
        whole = [each for each in found if each.is_file() and each.name[0] != "." and each.suffix != ".making"]
        return [each.relative_to(self._folder).as_posix() for each in whole]

    def _hold(self, name: str) -> None:
        source, held = self._folder / name, self._held / name
        held.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, held)
        except FileNotFoundError:
            raise
        except OSError:
            shutil.copyfile(source, held)
        self.files[name] = held


@contextmanager
def holding(folder: Path, spare: Path) -> Iterator[Holding]:
    """Holds moments of a store for as long as this lasts; ``spare`` is for the copies of who may only read."""
    if not folder.is_dir() or not writable(folder):
        yield Holding(folder, spare / HELD)
        return
    with locked(folder / LOCK):
        held = folder / HELD
        try:
            yield Holding(folder, held)
        finally:
            shutil.rmtree(held, ignore_errors=True)
