"""The query engine takes no more threads than the machine has processors."""

from __future__ import annotations

import os

import ibis
import pytest

from shazhou.ledger import engine


@pytest.mark.parametrize("asked", [1, 100_000])
def test_threads_are_limited_to_the_processors(monkeypatch: pytest.MonkeyPatch, asked: int) -> None:
    given: list[int] = []
    make = ibis.duckdb.connect

    def connect(**options: int) -> object:
        given.append(options["threads"])
        return make(**options)

    monkeypatch.setattr(ibis.duckdb, "connect", connect)
    engine.connect(asked).disconnect()
    assert given == [min(asked, os.cpu_count() or 1)]
