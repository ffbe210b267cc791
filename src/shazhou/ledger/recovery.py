"""What the next writer does, under the lock, after one that died.

Files that the manifest does not list were never acknowledged. A log entry that is whole is put on the list: its commit
happened (observations that no submission names stay invisible). One that is not whole is moved to ``aside/``. What
delta-rs left half done, and checkpoints, which only repeat the log, are deleted. An erasure that a submission orders is
carried out. Nothing that the manifest lists is touched otherwise.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from shazhou.ledger.documents import erased
from shazhou.ledger.manifest import Entry
from shazhou.ledger.store import flush, flush_with_folder, locked_if_free, make_folder
from shazhou.ledger.submission import Submission

if TYPE_CHECKING:
    from shazhou.ledger.delta import Delta
    from shazhou.ledger.ledger import Ledger

_REPEATABLE = re.compile(r"_last_checkpoint|\d{20}\.checkpoint\b.*|.*#\d+")


def recover(ledger: Ledger) -> dict[str, Entry]:
    """Brings manifest and Delta logs together again; does nothing where the last writer finished.

    Returns the files that the manifest lists.

    Raises:
        Refused: the manifest is damaged, so that it cannot say what was acknowledged.
    """
    ledger.manifest.finish_last_line()
    listed = ledger.manifest.entries()
    for table in (ledger.observation_files, ledger.submission_files):
        for path in unlisted(table, listed):
            _settle(ledger, table, path)
    return listed


def unlisted(table: Delta, listed: Collection[str]) -> list[Path]:
    """Files of a log that the manifest does not list and that no listed checkpoint supersedes, pointers first."""
    prefix = f"{table.folder.name}/{table.log.name}/"
    logged = [name.removeprefix(prefix) for name in listed if name.startswith(prefix)]
    superseded = max((name[:20] for name in logged if ".checkpoint." in name), default="")
    found = [path.name for path in table.log.iterdir() if prefix + path.name not in listed]
    return [table.log / name for name in sorted(found, reverse=True) if not name[:20].isdigit() or name >= superseded]


def settles(path: Path) -> bool:
    """Whether recovery takes up or takes away this file of a log that the manifest does not list."""
    return path.is_file() and (path.suffix == ".json" or bool(_REPEATABLE.fullmatch(path.name)))


def recover_if_free(ledger: Ledger) -> None:
    """Recovers on opening, so that a log entry that a power cut left half written keeps nobody from reading.

    While somebody writes there is nothing to recover, and nothing to wait for. A damaged manifest is left to whoever
    appends or verifies.
    """
    with locked_if_free(ledger.lock) as held:
        if held and not ledger.manifest.read().damaged_line and _unsettled(ledger):
            recover(ledger)


def erase_as_ordered(ledger: Ledger, chain: tuple[Submission, ...]) -> None:
    """Deletes documents whose erasure a submission has ordered."""
    for sha256 in erased(chain):
        path = ledger.documents.path(sha256)
        if path.exists():
            ledger.manifest.remove(ledger.manifest.name(path))
            path.unlink()
            flush(path.parent)


def _unsettled(ledger: Ledger) -> bool:
    listed = ledger.manifest.read().entries
    return any(unlisted(table, listed) for table in (ledger.observation_files, ledger.submission_files))


def _settle(ledger: Ledger, table: Delta, path: Path) -> None:
    if _REPEATABLE.fullmatch(path.name) and path.is_file():
        path.unlink()
        flush(table.log)
    elif path.suffix == ".json" and not _whole(path):
        aside = ledger.folder / "aside"
        make_folder(aside)
        path.rename(aside / f"{table.folder.name}-{path.name}")
        flush(aside)
        flush(table.log)
    elif path.suffix == ".json":
        flush_with_folder(path)
        ledger.manifest.add(path)


def _whole(path: Path) -> bool:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return bool(lines) and all(isinstance(json.loads(line), dict) for line in lines)
    except ValueError:
        return False
