"""A ledger as it stands at one moment, packed into an archive while others go on writing to it.

Almost every file of a ledger is written once. Under the lock it is noted which files there are, and the few that grow
are read; the others are packed afterwards, each against its hash. One that has gone meanwhile (compacted after its time
of grace, or a document erased by order) makes the packing begin again, so that nothing erased gets into an archive.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from shazhou.city.problem import Problem, Refused, Where
from shazhou.ledger import recovery
from shazhou.ledger.delta import POINTER
from shazhou.ledger.failures import LOST_FILE
from shazhou.ledger.ledger import LOST_LOCK, Ledger
from shazhou.ledger.manifest import Entry
from shazhou.ledger.store import locked
from shazhou.ledger.submission import GENESIS

GROWING = ("manifest.jsonl", "quoted/figures.jsonl")
MARKS = ("format", "lock", "quoted/lock")

Progress = Callable[[str, int, int], None]
"""Called with the step, how much is done and of how much."""


class Gone(Exception):
    """A file is no longer as it was when the ledger was looked at; ``file`` is its path within the ledger."""

    def __init__(self, file: str) -> None:
        self.file = file
        super().__init__(file)


@dataclass(frozen=True)
class Frozen:
    """What made up a ledger at one moment."""

    head: str
    submissions: int
    contents: dict[str, bytes]
    entries: tuple[Entry, ...]


def freeze(ledger: Ledger, meanwhile: Callable[[], None] = lambda: None) -> Frozen:
    """The ledger at this moment; ``meanwhile`` is done while nobody can append to it.

    Raises:
        Refused: the manifest is damaged, or the lock is missing.
    """
    if not ledger.lock.is_file():
        raise Refused([Problem(LOST_LOCK, Where(str(ledger.lock)), str(ledger.lock))])
    with locked(ledger.lock):
        if ledger.writable:
            recovery.recover(ledger)
        listed = ledger.manifest.entries()
        read = {name for name in (*GROWING, *MARKS) if (ledger.folder / name).is_file()}
        read |= {name for name in listed if Path(name).name == POINTER}
        contents = {name: (ledger.folder / name).read_bytes() for name in sorted(read)}
        chain = ledger.submissions()
        meanwhile()
    entries = tuple(entry for name, entry in sorted(listed.items()) if name not in contents)
    return Frozen(chain[-1].head if chain else GENESIS, len(chain), contents, entries)


def pack(ledger: Ledger, frozen: Frozen, archive: tarfile.TarFile, within: str, progress: Progress) -> None:
    """Adds the files of a frozen ledger to an archive, in a folder of it.

    Raises:
        Gone: a file is no longer as it was.
    """
    for name, content in frozen.contents.items():
        add(archive, f"{within}/{name}", io.BytesIO(content), len(content))
    for number, entry in enumerate(frozen.entries):
        progress("packing", number, len(frozen.entries))
        try:
            with (ledger.folder / entry.file).open("rb") as file:
                hashed = _Hashed(file)
                add(archive, f"{within}/{entry.file}", hashed, entry.size)
        except OSError as error:
            if error.errno is not None and not isinstance(error, FileNotFoundError):
                raise
            raise Gone(entry.file) from None
        if hashed.digest.hexdigest() != entry.sha256:
            raise Gone(entry.file)


def add(archive: tarfile.TarFile, name: str, content: IO[bytes] | _Hashed, size: int) -> None:
    """Adds one file to an archive, readable by its owner alone; OSError where it is shorter than its size."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    archive.addfile(entry, content)


def damaged(ledger: Ledger, file: str) -> Refused:
    """The refusal of a ledger of which a file is not there as it was written."""
    return Refused([Problem(LOST_FILE, Where(str(ledger.folder / file)), file)])


class _Hashed:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Reads on, and hashes what is read."""
        content = self._file.read(size)
        self.digest.update(content)
        return content
