"""Permission: a ledger that somebody may read but not write to gives every answer and takes nothing in."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.ledger.store import writable

READ_ONLY = Rule(
    "ledger-read-only",
    "You may read the ledger in {found}, but not write to it.",
    "您可以读取 {found} 中的账本，但无权写入。",
    "Ask whoever keeps it for permission, or work on a copy.",
    "请向账本管理者申请写入权限，或使用副本。",
)


def refuse_read_only(ledger_folder: Path, paths: Iterable[Path]) -> None:
    """Raises Refused where this user may not write to one of the paths, which belong to the ledger."""
    if not all(map(writable, paths)):
        raise Refused([Problem(READ_ONLY, Where(str(ledger_folder)), str(ledger_folder))])
