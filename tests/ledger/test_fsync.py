"""An append that is acknowledged is on disk: strace shows each file flushed after its last write, and its folder too.

Killing processes cannot show a missing flush, since what a dead process wrote stays in the system's memory. So a child
appends under strace and then writes an acknowledgement; every file that it made or wrote below the ledger's folder must
have been fsynced after its last write, and every folder in which a name appeared after that, before the
acknowledgement.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import pytest
from ledger_rows import append

from shazhou.ledger.ledger import Ledger

if shutil.which("strace") is None and not os.environ.get("CI"):
    pytest.skip("strace is not installed", allow_module_level=True)

ACKNOWLEDGED = "ACKNOWLEDGED"

CHILD = f"""
import os, sys
from pathlib import Path
from ledger_rows import append
from shazhou.ledger import delta, manifest, store
from shazhou.ledger.ledger import Ledger

def skip(part, real):
    def fsync(descriptor):
        name = os.readlink(f"/proc/self/fd/{{descriptor}}")
        if not part or not name.endswith(part) and part not in Path(name).name:
            real(descriptor)
    return fsync

folder, part, job = sys.argv[1:]
os.fsync = skip(part, os.fsync)
if job == "create":
    Ledger.create(Path(folder))
else:
    ledger = Ledger.open(Path(folder))
    append(ledger, "new", 3, document=b"a new document")
    if job == "compact":
        ledger.compact()
os.write(1, b"{ACKNOWLEDGED}")
"""

CALLS = (
    "openat,open,creat,write,pwrite64,writev,pwritev,ftruncate,fsync,fdatasync,mkdir,mkdirat,rename,renameat,renameat2"
)
CALLS += ",link,linkat,unlink,unlinkat,symlink"
CALL = re.compile(r"^\d+ +(\w+)\((.*)\) += (-?\d+)")
PATH_OF_DESCRIPTOR = re.compile(r"^\d+<([^>]*)>")
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    ledger = Ledger.create(tmp_path / "ledger")
    append(ledger, "first", document=b"a document")
    return ledger.folder


class Trace(NamedTuple):
    """The system calls of a child, one line each, and what there was before."""

    lines: list[str]
    before: set[str]


def traced(folder: Path, job: str = "append", without: str = "") -> Trace:
    """Traces a child that appends; ``without``: files that the child does not flush."""
    before = {str(path) for path in folder.rglob("*")}
    trace = folder.with_name("trace")
    command = ["strace", "-f", "-y", "-s", "16", "-o", str(trace), "-e", f"trace={CALLS}"]
    command += [sys.executable, "-c", CHILD, str(folder), without, job]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == ACKNOWLEDGED, done.stderr
    return Trace(joined(trace.read_text(errors="replace").splitlines()), before)


def joined(lines: list[str]) -> list[str]:
    """Calls that strace split because another thread came between, put together where they ended."""
    begun: dict[str, str] = {}
    whole = []
    for line in lines:
        pid = line.split(maxsplit=1)[0]
        if line.endswith("<unfinished ...>"):
            begun[pid] = line.removesuffix("<unfinished ...>")
        elif "resumed>" in line and pid in begun:
            whole.append(begun.pop(pid) + line.split("resumed>", 1)[1])
        else:
            whole.append(line)
    return whole


def unflushed(trace: Trace, folder: Path) -> tuple[set[str], set[str]]:
    """What was not on disk at the acknowledgement, and all that was written, as names within the ledger."""
    known = set(trace.before)
    dirty: set[str] = set()
    written: set[str] = set()

    def changed(path: str) -> None:
        if path.startswith(f"{folder}/") or path == str(folder):
            dirty.add(path)
            written.add(path)

    def named(path: str) -> None:
        changed(str(Path(path).parent))

    for line in trace.lines:
        call = CALL.match(line)
        if call is None or int(call[3]) < 0:
            continue
        name, arguments = call[1], call[2]
        paths = QUOTED.findall(arguments)
        of_descriptor = PATH_OF_DESCRIPTOR.match(arguments)
        if name in ("write", "pwrite64", "writev", "pwritev", "ftruncate") and of_descriptor:
            if ACKNOWLEDGED in arguments:
                return within(dirty, folder), within(written, folder)
            changed(of_descriptor[1])
        elif name in ("fsync", "fdatasync") and of_descriptor:
            dirty.discard(of_descriptor[1])
        elif name in ("openat", "open", "creat") and "O_CREAT" in arguments:
            if paths[-1] not in known:
                named(paths[-1])
            known.add(paths[-1])
        elif name.startswith("mkdir"):
            named(paths[-1])
        elif name.startswith("rename"):
            if paths[-2] in dirty:
                dirty.discard(paths[-2])
                changed(paths[-1])
            named(paths[-1])
        elif name.startswith("link"):
            if paths[-2] in dirty:
                changed(paths[-1])
            named(paths[-1])
        elif name.startswith("unlink"):
            dirty.discard(paths[-1])
    raise AssertionError("the child acknowledged nothing")


def within(paths: Collection[str], folder: Path) -> set[str]:
    """Names within the ledger; its cache can be computed again and is no part of it."""
    names = {os.path.relpath(path, folder) for path in paths}
    return {name for name in names if name.split("/")[0] != "cache"}


def test_all_of_an_append_is_flushed_before_it_is_acknowledged(folder: Path) -> None:
    left, written = unflushed(traced(folder), folder)
    assert left == set()
    parts = [
        r"manifest\.jsonl",
        r"documents",
        r"documents/..",
        r"documents/\..*\.partial",
        r"observations",
        r"observations/a-\d+\.parquet",
        r"observations/_delta_log",
        r"observations/_delta_log/\d{20}\.json",
        r"submissions",
        r"submissions/s-000000002-.*\.parquet",
        r"submissions/_delta_log",
        r"submissions/_delta_log/\d{20}\.json",
    ]
    for part in parts:
        assert any(re.fullmatch(part, name) for name in written), f"the trace shows no writing of {part}"


@pytest.mark.slow
def test_all_of_a_compaction_is_flushed_before_it_is_acknowledged(folder: Path) -> None:
    left, written = unflushed(traced(folder, "compact"), folder)
    assert left == set()
    assert any("/c-" in name for name in written)
    assert any(name.endswith(".checkpoint.parquet") for name in written)


def test_all_of_a_new_ledger_is_flushed_before_it_is_acknowledged(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    left, written = unflushed(traced(folder, "create"), folder)
    assert left == set()
    assert {".", "observations", "observations/_delta_log", "submissions/_delta_log"} <= written


@pytest.mark.slow
@pytest.mark.parametrize(
    ("part", "missing"),
    [
        ("manifest.jsonl", r"manifest\.jsonl"),
        (".partial", r"documents/[0-9a-f]{2}/[0-9a-f]{64}"),
        ("/documents", r"documents"),
        ("/observations", r"observations"),
        ("a-", r"observations/a-\d+\.parquet"),
        ("/observations/_delta_log", r"observations/_delta_log"),
        (".json", r"observations/_delta_log/\d{20}\.json"),
        ("/submissions", r"submissions"),
        ("s-0", r"submissions/s-0.*\.parquet"),
        ("/submissions/_delta_log", r"submissions/_delta_log"),
    ],
)
def test_a_flush_that_is_left_out_is_seen(folder: Path, part: str, missing: str) -> None:
    left, _ = unflushed(traced(folder, without=part), folder)
    assert any(re.fullmatch(missing, name) for name in left), left
