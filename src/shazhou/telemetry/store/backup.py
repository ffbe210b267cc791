"""A store as it stands at one moment, held for a backup while the host goes on writing to it.

The journal names every file of rows, so its copy is the moment. Files of rows are written once and never changed: links
keep those of the moment, whatever compaction and retention delete meanwhile. What is computed from rows is replaced
whole, and linked as it is found just after. Where there can be no links (another disk, or somebody who may only read)
they are copies.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Set
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.ledger.store import locked, writable
from shazhou.telemetry.store import journal
from shazhou.telemetry.store.filing import named
from shazhou.telemetry.store.kinds import KINDS

HELD, LOCK = "held", "backup.lock"
"""The folder of links within the store, and who may have it: one backup at a time."""

PASSING = frozenset({HELD, LOCK, "lock", "scratch", "commands"})
"""What is in a store's folder and is of the host that runs: its questions would be asked again by a restored one."""

NOT_HELD = Rule(
    "telemetry-not-held",
    "The telemetry cannot be held for a backup: {found}.",
    "无法为备份保留联网数据：{found}。",
    "Make room on its disk and the archive's, and run the backup as the user who runs shazhou host.",
    "请在数据所在磁盘和备份磁盘上腾出空间，并以运行 shazhou host 的用户执行备份。",
)


class Holding:
    """Holds the files of one moment: ``files`` by their paths within the store's folder, and in ``lost`` those that the
    journal names and that are not there, or the journal itself."""

    def __init__(self, folder: Path, held: Path, spare: Path) -> None:
        self._folder, self._held, self._journal = folder, held, spare / journal.FILE
        self.files: dict[str, Path] = {}
        self.lost: tuple[str, ...] = ()

    def freeze(self) -> None:
        """Holds the store as it is now, instead of what was held before; what of it goes on is not held anew.

        Raises:
            Refused: there is no room, or no right, to hold it.
        """
        self.files, self.lost = {}, ()
        if not self._folder.is_dir():
            return
        try:
            self._freeze()
        except (OSError, sqlite3.OperationalError) as error:
            raise Refused([Problem(NOT_HELD, Where(str(self._folder)), str(error))]) from error

    def _freeze(self, missing: Set[str] = frozenset()) -> None:
        tops = {each.name for each in self._folder.iterdir()} - PASSING
        rows = self._rows()
        if rows is not None:
            gone = {name for name in rows if not self._hold(name)}
            # What a newer journal names still was not replaced meanwhile: it is lost.
            if not gone <= missing:
                self._freeze(gone)
                return
            self.lost = tuple(sorted(gone))
            self.files = {name: self._held / name for name in rows if name not in gone} | {journal.FILE: self._journal}
            tops -= set(KINDS)
        elif self._found(KINDS):
            self.lost = (journal.FILE,)
        for name in self._found(tops):
            if self._hold(name, again=True):
                self.files[name] = self._held / name

    def _rows(self) -> list[str] | None:
        """Copies the journal; the files of rows that it names. None where there is no journal, or one that is none."""
        if not (self._folder / journal.FILE).exists():
            return None
        self._journal.unlink(missing_ok=True)
        try:
            with closing(journal.connect(self._folder)) as reading, closing(sqlite3.connect(self._journal)) as written:
                reading.backup(written)
                return [file.name for file in named(written)]
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            return None

    def _found(self, tops: Iterable[str]) -> list[str]:
        """The files in some entries of the folder, but for the journal's and what is just being written."""
        paths = [self._folder / name for name in sorted(tops) if not name.startswith(journal.FILE)]
        found = [each for path in paths for each in (sorted(path.rglob("*")) if path.is_dir() else [path])]
        whole = [each for each in found if each.is_file() and each.name[0] != "." and each.suffix != ".making"]
        return [each.relative_to(self._folder).as_posix() for each in whole]

    def _hold(self, name: str, again: bool = False) -> bool:
        """Links one file, or copies it, ``again`` also where it is held; False where it is not there."""
        source, held = self._folder / name, self._held / name
        if held.exists():
            if not again:
                return True
            held.unlink()
        held.parent.mkdir(parents=True, exist_ok=True)
        try:
            with suppress(OSError):
                os.link(source, held)
                return True
            shutil.copy(source, held)
        except FileNotFoundError:
            return False
        return True


@contextmanager
def holding(folder: Path, spare: Path) -> Iterator[Holding]:
    """Holds moments of a store for as long as this lasts; ``spare`` is an empty folder for what has to be copied.

    Raises:
        Refused: what a backup that was killed held cannot be cleared.
    """
    if not folder.is_dir() or not writable(folder):
        yield Holding(folder, spare / HELD, spare)
        return
    with locked(folder / LOCK):
        held = folder / HELD
        try:
            if held.exists():
                shutil.rmtree(held)
        except OSError as error:
            raise Refused([Problem(NOT_HELD, Where(str(folder)), str(error))]) from error
        try:
            yield Holding(folder, held, spare)
        finally:
            shutil.rmtree(held, ignore_errors=True)
