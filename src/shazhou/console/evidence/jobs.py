"""Long work in a process of its own, which tells in a file how far it has come.

The process is started afresh, since one that has used a ledger must not be forked, and it steps back behind the site's
own work. It holds a lock while it works, so that the same work is never done twice at a time and one that died is told
from one that is slow.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any, Protocol

from django.conf import settings

from shazhou.ledger.store import locked_if_free

STARTING = 30.0
"""Seconds that a process may take until it holds its lock."""

TRIES, BETWEEN_TRIES = 20, 0.1
"""How often a process tries to take its lock, and the seconds in between."""

TOLD_EVERY = 0.2
"""Seconds between two tellings of how far the work has come."""


class Progress(Protocol):
    """Told the step, how much of it is done and of how much."""

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None: ...


@dataclass(frozen=True)
class State:
    """How far some work has come. ``ended``: seconds since 1970 when it was done, 0 before; ``told`` when this was
    said; ``result`` is what it has come to. ``died`` is what the file cannot say."""

    step: str
    done: int = 0
    total: int = 0
    told: float = 0.0
    ended: float = 0.0
    result: dict[str, Any] = field(default_factory=dict)
    died: bool = False

    @property
    def at_work(self) -> bool:
        """Whether it is still being worked on."""
        return not self.ended and not self.died

    @property
    def ended_at(self) -> datetime:
        """When it was done."""
        return datetime.fromtimestamp(self.ended, UTC)

    @property
    def share(self) -> int:
        """Percent of the step that is done."""
        return 100 * self.done // self.total if self.total else 0


def folder() -> Path:
    """Where work is told of and what it makes is kept; it may be emptied at any time when nothing is at work."""
    return Path(settings.DEPLOYMENT.folder) / "work"


def start(name: str, module: str, *arguments: str) -> None:
    """Starts ``python -m module FILE arguments…`` unless work of that name is going on; FILE is for `working`."""
    before = state(name)
    if before is not None and before.at_work:
        return
    file = _file(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    _tell(file, State("starting", told=time.time()))
    command = [sys.executable, "-m", module, str(file), *arguments]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    Thread(target=process.wait, daemon=True).start()


def state(name: str) -> State | None:
    """How far work of a name has come; None where it was never begun."""
    file = _file(name)
    if not file.is_file():
        return None
    told = State(**json.loads(file.read_text(encoding="utf-8")))
    if not told.at_work or _is_locked(file) or told.told > time.time() - STARTING:
        return told
    return State(**{**asdict(told), "died": True})


def working(file: Path, work: Callable[[Progress], dict[str, Any]]) -> None:
    """In the process itself: does the work, which is given a function to tell its progress to, and keeps its result.
    Does nothing where another process is at it."""
    os.nice(5)
    lock = file.with_suffix(".lock")
    lock.touch()
    # Whoever asks for the state looks at the lock for a moment, so one that is taken is tried again.
    for _ in range(TRIES):
        with locked_if_free(lock) as mine:
            if mine:
                result = work(_Telling(file))
                _tell(file, State("ended", told=time.time(), ended=time.time(), result=result))
                return
        time.sleep(BETWEEN_TRIES)


class _Telling:
    """Tells how far the work has come: each new step at once, within a step not too often."""

    def __init__(self, file: Path) -> None:
        self._file, self._step, self._last = file, "", 0.0

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
        if step != self._step or time.monotonic() - self._last >= TOLD_EVERY:
            self._step, self._last = step, time.monotonic()
            _tell(self._file, State(step, done, total, time.time()))


def _file(name: str) -> Path:
    return folder() / f"{name}.json"


def _is_locked(file: Path) -> bool:
    lock = file.with_suffix(".lock")
    if not lock.is_file():
        return False
    with locked_if_free(lock) as free:
        return not free


def _tell(file: Path, told: State) -> None:
    partial = file.with_suffix(f".{os.getpid()}.partial")
    partial.write_text(json.dumps(asdict(told), ensure_ascii=False), encoding="utf-8")
    partial.replace(file)
