"""What can be computed again from the evidence at a head: kept with its checksum, believed only as it was written."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path


class Cache:
    """The folder ``cache/`` of a ledger, which may be deleted at any time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.sorting = folder / "sorting"
        """Where the query engine puts what does not fit into memory."""

    def read(self, head: str, name: str) -> bytes | None:
        """What was kept at a head under a name; None where it is missing or not as it was written."""
        try:
            return self._content(self._folder / head / name)
        except OSError:
            return None

    def keep(self, head: str, name: str, content: bytes) -> None:
        """Keeps some content at a head under a name; does nothing where the ledger cannot be written to."""
        file = self._folder / head / name
        with contextlib.suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            partial = file.with_name(f".{name}.{os.getpid()}.partial")
            try:
                partial.write_bytes(self._digest(file, content) + b"\n" + content)
                partial.replace(file)
            finally:
                partial.unlink(missing_ok=True)

    def forget(self, name: str, but: int) -> None:
        """Deletes what is kept under a name at all heads ``but`` so many, those written last; does nothing where the
        ledger cannot be written to."""
        with contextlib.suppress(OSError):
            kept = sorted(self._folder.glob(f"*/{name}"), key=lambda file: file.stat().st_mtime, reverse=True)
            for file in kept[but:]:
                file.unlink()

    def shrink(self, beginning: str, size: int) -> None:
        """Deletes of what is kept under names with a beginning the files written first, at any head, until the others
        take no more than ``size`` bytes; does nothing where the ledger cannot be written to."""
        with contextlib.suppress(OSError):
            # What a process left that was killed while it wrote has the same name behind a dot.
            names = (f"*/{beginning}*", f"*/.{beginning}*.partial")
            kept = [(file.stat(), file) for name in names for file in self._folder.glob(name)]
            left = size
            for told, file in sorted(kept, key=lambda each: each[0].st_mtime, reverse=True):
                left -= told.st_size
                if left < 0:
                    file.unlink()

    def damaged(self) -> Iterator[Path]:
        """The files that are not as they were written."""
        for file in sorted(self._folder.rglob("*")):
            passing = self.sorting in file.parents or file.suffix == ".partial"
            if file.is_file() and not passing and self._content(file) is None:
                yield file

    def _content(self, file: Path) -> bytes | None:
        digest, newline, content = file.read_bytes().partition(b"\n")
        return content if newline and digest == self._digest(file, content) else None

    def _digest(self, file: Path, content: bytes) -> bytes:
        place = file.relative_to(self._folder).as_posix().encode()
        return hashlib.sha256(place + b"\n" + content).hexdigest().encode()
