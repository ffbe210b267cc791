"""What took long to compute at a head, kept beside the ledger for the other workers and for the next start.

Computing over many statements takes all processors for seconds. So one worker computes at a time, and the others look
again when it is done. What is kept is read only by the very program that computed it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from pydantic import TypeAdapter

import shazhou
from shazhou.ledger.store import locked
from shazhou.measure.measure import Measure

T = TypeVar("T")

FILES_KEPT = 2_000
"""Files kept, over all heads; figures of all places take about 10 kB, trails 250 kB."""


def computed(
    measure: Measure, names: Sequence[str], form: TypeAdapter[T], make: Callable[[list[str]], list[T]]
) -> list[T]:
    """What is kept under names at the head of a measure; what is not is made, and kept."""
    kept, head = measure.ledger.cache, measure.head
    with _one_at_a_time():
        found = {name: form.validate_json(told) for name in names if (told := kept.read(head, _file(name))) is not None}
        missing = [name for name in names if name not in found]
        if missing:
            for name, made in zip(missing, make(missing), strict=True):
                kept.keep(head, _file(name), form.dump_json(made))
                found[name] = made
            kept.forget("computed-*", FILES_KEPT)
    return [found[name] for name in names]


def _file(name: str) -> str:
    return f"computed-{hashlib.sha256(f'{_program()}|{name}'.encode()).hexdigest()[:32]}.json"


@cache
def _program() -> str:
    """Changes with every change of the program."""
    folder = Path(shazhou.__file__).parent
    files = sorted(folder.rglob("*.py"))
    told = [(file.relative_to(folder).as_posix(), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return hashlib.sha256(repr(told).encode()).hexdigest()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    folder = settings.DEPLOYMENT.folder
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / "computing.lock"):
        yield
