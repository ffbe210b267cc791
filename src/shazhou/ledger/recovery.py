"""What the next writer does, under the lock, after one that died.

Files in the Delta folders that the manifest does not list were never acknowledged. A log entry that is whole is put on
the list: its commit happened (an observation file that no submission names stays invisible). A newest log entry
that is not whole is moved to ``aside/``. Nothing that the manifest lists is ever touched.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from shazhou.ledger.store import flush, flush_with_folder, make_folder

if TYPE_CHECKING:
    from shazhou.ledger.delta import Delta
    from shazhou.ledger.ledger import Ledger


def recover(ledger: Ledger) -> None:
    """Brings manifest and Delta logs together again; does nothing where the last writer finished."""
    ledger.manifest.drop_torn_tail()
    listed = ledger.manifest.entries()
    for table in (ledger.observation_files, ledger.submission_files):
        for path in sorted(table.log.iterdir()):
            if path.is_file() and path.relative_to(ledger.folder).as_posix() not in listed:
                _adopt_or_set_aside(ledger, table, path)


def _adopt_or_set_aside(ledger: Ledger, table: Delta, path: Path) -> None:
    if path.suffix == ".json" and not _whole(path):
        aside = ledger.folder / "aside"
        make_folder(aside)
        path.rename(aside / f"{table.folder.name}-{path.name}")
        flush(aside)
        flush(table.log)
        return
    flush_with_folder(path)
    ledger.manifest.add(path)


def _whole(path: Path) -> bool:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return bool(lines) and all(isinstance(json.loads(line), dict) for line in lines)
    except (ValueError, UnicodeDecodeError):
        return False
