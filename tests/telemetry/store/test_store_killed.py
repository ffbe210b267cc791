"""A writer killed at any moment: every row whose commit it told of is there once, and the marks are those of the rows.

Killed children say nothing about flushing, since the system keeps what a dead process wrote; `test_store_flushed` does.
"""

from __future__ import annotations

import multiprocessing
import random
from collections import Counter
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread

import pytest
from store_rows import put_in

from shazhou.telemetry.store import filing, store
from shazhou.telemetry.store.store import Store

CHILDREN = multiprocessing.get_context("forkserver")
CHILDREN.set_forkserver_preload(["shazhou.telemetry.store.store", "store_rows"])
TODAY = date(2100, 1, 1)
ALWAYS = (-(2**63), 2**63 - 1)


def write_until_killed(folder: Path, told: Connection) -> None:
    """Goes on from the mark: three samples, a minute and an event for each record, compacting all the time."""
    store.TAIL_FRAMES = 6
    filing.FULL = 500
    with Store.open(folder, write=True) as writer:
        number = writer.marks().get(("e1", "agent"), 0)
        Thread(target=_compact_for_ever, args=(writer,), daemon=True).start()
        while True:
            for _ in range(3):
                number += 1
                put_in(writer, number)
            writer.commit()
            told.send(number)


def _compact_for_ever(writer: Store) -> None:
    while True:
        writer.compact(TODAY)


@pytest.mark.parametrize("times", [pytest.param(2, id="few"), pytest.param(20, id="many", marks=pytest.mark.slow)])
def test_a_killed_writer_leaves_every_committed_row_once(tmp_path: Path, times: int) -> None:
    folder, chance = tmp_path / "city.telemetry", random.Random(1)
    for _ in range(times):
        hears, told = CHILDREN.Pipe(duplex=False)
        child = CHILDREN.Process(target=write_until_killed, args=(folder, told))
        child.start()
        told.close()
        assert hears.poll(60)
        committed = hears.recv()
        if hears.poll(chance.random() / 4):
            committed = hears.recv()
        for _ in range(chance.randrange(40)):
            committed = hears.recv()
        child.kill()
        child.join()
        committed = max([committed, *_said(hears)])
        _check(folder, committed)


def _said(hears: Connection) -> list[int]:
    """What the child still said before it died."""
    found = []
    try:
        while hears.poll():
            found.append(hears.recv())
    except EOFError:
        hears.close()
    return found


def _check(folder: Path, committed: int) -> None:
    with Store.open(folder) as reader:
        mark = reader.marks()["e1", "agent"]
        assert mark >= committed, "what was acknowledged is there"
        numbers = list(range(1, mark + 1))
        found = Counter(reader.samples(*ALWAYS).column("integer").to_pylist())
        assert found == Counter(numbers * 3), "each row once, up to the mark and not beyond"
        assert sorted(reader.minutes(*ALWAYS).column("sequence").to_pylist()) == numbers
        assert sorted(map(int, reader.events(*ALWAYS).column("detail").to_pylist())) == numbers
