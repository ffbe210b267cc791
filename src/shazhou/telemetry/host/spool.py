"""Commands for nodes, from other processes to the running host: small files in a folder of the store.

Whoever may write into the store's folder may command; nobody else can. The host answers each in a file of its own.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shazhou.city.problem import Rule
from shazhou.ledger.store import put

NO_HOST = Rule(
    "no-host-running",
    "No host answers at {found}.",
    "{found} 没有正在运行的主机应答。",
    "Start shazhou host with the same --data.",
    "请以相同的 --data 启动 shazhou host。",
)

FOLDER = "commands"
OLD = 3_600
"""Seconds after which a question or an answer that nobody took is deleted."""


def ask(store: Path, command: dict[str, Any]) -> str:
    """Hands a command (``target``, ``metric``, ``value``) to the host; the id to ask for its answer."""
    id = secrets.token_hex(8)
    _write(store / FOLDER / f"{id}.ask", command)
    return id


def answer(store: Path, id: str, patience: float) -> dict[str, Any] | None:
    """The host's answer, waited for as many seconds; None where none came, and then the command is taken back."""
    path, until = store / FOLDER / f"{id}.answer", time.monotonic() + patience
    while not path.exists():
        if time.monotonic() > until:
            (store / FOLDER / f"{id}.ask").unlink(missing_ok=True)
            return None
        time.sleep(0.05)
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()
    return found


def asked(store: Path) -> Iterator[tuple[str, Any]]:
    """The commands that wait, each taken out of the folder; what is no command is None."""
    for path in sorted((store / FOLDER).glob("*.ask")):
        try:
            command = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            command = None
        path.unlink(missing_ok=True)
        yield path.stem, command


def reply(store: Path, id: str, answer: dict[str, Any]) -> None:
    """Answers a command, and deletes what is old."""
    _write(store / FOLDER / f"{id}.answer", answer)
    for path in (store / FOLDER).iterdir():
        if time.time() - path.stat().st_mtime > OLD:
            path.unlink(missing_ok=True)


def _write(path: Path, content: dict[str, Any]) -> None:
    put(path, json.dumps(content, ensure_ascii=False).encode())
