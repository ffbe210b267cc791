"""The archive in which a ledger keeps the city's definitions: its files, and one of them as text."""

from __future__ import annotations

import zipfile
from pathlib import Path

LONGEST = 1 << 20
"""Bytes of a file that are shown at most."""


def files_of(archive: Path) -> list[tuple[str, int]]:
    """The files by name, with their size in bytes."""
    with zipfile.ZipFile(archive) as opened:
        return [(each.filename, each.file_size) for each in opened.infolist()]


def text_of(archive: Path, name: str) -> list[str] | None:
    """The lines of a file, up to `LONGEST` bytes; None where it is no text."""
    with zipfile.ZipFile(archive) as opened, opened.open(name) as file:
        content = file.read(LONGEST)
    if b"\0" in content:
        return None
    return content.decode("utf-8", "replace").splitlines()
