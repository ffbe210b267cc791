"""A commit is on the device when it returns, with one flush: strace shows each write and each flush of a child.

Killed processes cannot show a missing flush, since what a dead process wrote stays in the system's memory.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

if shutil.which("strace") is None and not os.environ.get("CI"):
    pytest.skip("strace is not installed", allow_module_level=True)

TOLD = "TOLD"
COMMITS = 4

CHILD = f"""
import os, sys
from datetime import date
from pathlib import Path
from store_rows import START, events, samples
from shazhou.telemetry.store import parquet
from shazhou.telemetry.store.store import Store

folder, without = sys.argv[1:]
with Store.open(Path(folder), write=True) as store:
    if without == "parquet":
        parquet.flush = lambda path: None
    if without == "journal":
        store._writing.execute("PRAGMA synchronous = OFF")
    os.write(1, b"{TOLD}")
    for number in range({COMMITS}):
        series = store.series("e1", "press", f"tag {{number}}", 3)
        store.add(samples([{{"series": series, "at": START + number}}]), events=events([{{"node": "e1", "at": START}}]))
        store.add(marks={{("e1", "agent"): number}})
        store.commit()
        os.write(1, b"{TOLD}")
    store.compact(date(2100, 1, 1))
    os.write(1, b"{TOLD}")
"""

CALLS = "openat,open,creat,write,pwrite64,writev,pwritev,ftruncate,fsync,fdatasync,mkdir,mkdirat,unlink,unlinkat"
CALL = re.compile(r"^\d+ +(\w+)\((.*)\) += (-?\d+)")
DESCRIPTOR = re.compile(r"^\d+<([^>]*)>")
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
NO_MATTER = ("-shm", "/lock")
"""The index of the log is made again from the log; of the lock only its existence counts."""


class Step(NamedTuple):
    """What happened until the child told something: what was then not on the device, and how many flushes it took.

    ``too_early`` are Parquet files that the journal may have named before they were on the device.
    """

    unflushed: set[str]
    flushes: int
    too_early: set[str]


def steps(tmp_path: Path, without: str = "") -> list[Step]:
    """Traces a child that makes a store, commits and compacts."""
    folder, trace = tmp_path / "city.telemetry", tmp_path / "trace"
    command = ["strace", "-f", "-y", "-s", "8", "-o", str(trace), "-e", f"trace={CALLS}"]
    command += [sys.executable, "-c", CHILD, str(folder), without]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == TOLD * (COMMITS + 2), done.stderr
    return list(_steps(_whole(trace.read_text(errors="replace").splitlines()), folder))


def _whole(lines: list[str]) -> list[str]:
    """Calls that strace split because another thread came between, put together."""
    begun: dict[str, str] = {}
    found = []
    for line in lines:
        thread = line.split(maxsplit=1)[0]
        if line.endswith("<unfinished ...>"):
            begun[thread] = line.removesuffix("<unfinished ...>")
        elif "resumed>" in line and thread in begun:
            found.append(begun.pop(thread) + line.split("resumed>", 1)[1])
        else:
            found.append(line)
    return found


def _steps(lines: list[str], folder: Path) -> list[Step]:
    dirty: set[str] = set()
    known: set[str] = set()
    early: set[str] = set()
    found, flushes = [], 0
    for name, arguments in ((call[1], call[2]) for call in map(CALL.match, lines) if call and int(call[3]) >= 0):
        held, paths = DESCRIPTOR.match(arguments), QUOTED.findall(arguments)
        path = held[1] if held else paths[-1] if paths else ""
        if name.startswith(("write", "pwrite")) and TOLD in arguments:
            found.append(Step(set(dirty), flushes, early))
            flushes, early = 0, set()
        elif not path.startswith(str(folder.parent)) or path.endswith(NO_MATTER):
            continue
        elif name in ("fsync", "fdatasync"):
            flushes += 1
            dirty.discard(path)
        elif name.startswith("unlink"):
            dirty.discard(path)
        elif name.startswith("mkdir") or (name in ("openat", "open", "creat") and "O_CREAT" in arguments):
            if path not in known:
                dirty.add(str(Path(path).parent))
            known.add(path)
        elif held:
            if path.endswith("-wal"):
                early |= {each for each in dirty if "/samples" in each or "/events" in each}
            dirty.add(path)
    return found


@pytest.mark.slow
def test_a_commit_is_on_the_device_with_one_flush(tmp_path: Path) -> None:
    made, *commits, compacted = steps(tmp_path)
    assert not made.unflushed
    assert [step.unflushed for step in commits] == [set()] * COMMITS
    assert [step.flushes for step in commits[1:]] == [1] * (COMMITS - 1)
    assert not compacted.unflushed
    assert not compacted.too_early, "files are on the device before the journal names them"


@pytest.mark.slow
@pytest.mark.parametrize("without", ["parquet", "journal"])
def test_a_missing_flush_is_seen(tmp_path: Path, without: str) -> None:
    _, *commits, compacted = steps(tmp_path, without)
    if without == "journal":
        assert all(any(path.endswith("-wal") for path in step.unflushed) for step in commits)
    else:
        assert compacted.too_early
