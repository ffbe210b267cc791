"""Making a ledger: whole or not at all, and by one process only.

The file ``format`` is written last: without it a folder is no ledger. Whoever finds what somebody left who died on the
way makes it anew; anything else in the folder is left alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.ledger.store import flush, locked, make_folder, put

if TYPE_CHECKING:
    from shazhou.ledger.ledger import Ledger

FORMAT = b"shazhou ledger 1\n"

ALREADY_A_LEDGER = Rule(
    "already-a-ledger",
    "{found} is not empty.",
    "{found} 不是空文件夹。",
    "Choose an empty folder; an existing ledger needs no init.",
    "请选择空文件夹；已有账本无需再次初始化。",
)

_FIRST = "_delta_log/00000000000000000000.json"
_UNFINISHED = {"lock", f"observations/{_FIRST}", f"submissions/{_FIRST}", "manifest.jsonl"}


def create(ledger: Ledger) -> None:
    """Makes an empty ledger in an empty or new folder; Refused where something is there."""
    _refuse_unless_empty(ledger.folder)
    make_folder(ledger.folder)
    with locked(ledger.lock):
        _refuse_unless_empty(ledger.folder)
        files = ledger.observation_files.create() + ledger.submission_files.create()
        make_folder(ledger.documents.folder)
        for folder in (ledger.observation_files.folder, ledger.submission_files.folder, ledger.folder):
            flush(folder)
        ledger.manifest.renew(ledger.manifest.entry(file) for file in files)
        put(ledger.folder / "format", FORMAT)


def _refuse_unless_empty(folder: Path) -> None:
    if folder.exists() and not (folder.is_dir() and all(_unfinished(path, folder) for path in folder.rglob("*"))):
        raise Refused([Problem(ALREADY_A_LEDGER, Where(str(folder)), str(folder))])


def _unfinished(path: Path, folder: Path) -> bool:
    name = path.relative_to(folder).as_posix()
    return path.is_dir() or name.split("#")[0] in _UNFINISHED or path.name.endswith(".partial")
