"""What took long to compute at a head, kept beside the ledger for the other workers and for the next start.

Computing over many statements takes all processors for seconds, so one worker at a time does (`current.turn`). What is
kept is read only by the very program that computed it, and no more than `SIZE` bytes are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

import shazhou
from shazhou.ledger.cache import Cache

T = TypeVar("T")

SIZE = 500_000_000
"""Bytes kept, over all heads; the figures of twelve places take 10 kB, their trails 250 kB."""

_KEPT = "computed-"
_ENGINES = ("duckdb", "ibis-framework", "numpy", "pyarrow", "pydantic")


def known(cache: Cache, head: str, names: Sequence[str], form: TypeAdapter[T]) -> dict[str, T]:
    """What is kept at a head under names."""
    found = {}
    for name in names:
        content = cache.read(head, _file(name))
        if content is not None:
            try:
                found[name] = form.validate_json(content)
            except ValidationError:
                # The cache may be changed by anybody at any time; what cannot be read is computed again.
                continue
    return found


def computed(
    cache: Cache, head: str, names: Sequence[str], form: TypeAdapter[T], make: Callable[[list[str]], list[T]]
) -> dict[str, T]:
    """What is kept at a head under names; what is not is made, and kept."""
    found = known(cache, head, names, form)
    missing = [name for name in names if name not in found]
    if missing:
        for name, made in zip(missing, make(missing), strict=True):
            cache.keep(head, _file(name), form.dump_json(made))
            found[name] = made
        cache.shrink(_KEPT, SIZE)
    return found


def _program() -> str:
    """Changes with every change of the program, or of what it computes with."""
    digest = hashlib.sha256(repr([(each, version(each)) for each in _ENGINES]).encode())
    folder = Path(shazhou.__file__).parent
    for file in sorted(folder.rglob("*.py")):
        digest.update(f"\n{file.relative_to(folder).as_posix()}\n".encode() + file.read_bytes())
    return digest.hexdigest()


PROGRAM = _program()
"""Of the program as it was when this process began."""


def _file(name: str) -> str:
    return f"{_KEPT}{hashlib.sha256(f'{PROGRAM}|{name}'.encode()).hexdigest()[:32]}.json"
