"""A warm parent of many writers: it imports the ledger once, then forks a child for every line of its input.

A line is JSON: ``{"job": name, "folder": …, "name": …, …}``. A child works in its own process, writes lines of JSON to
the common output as things happen (``{"pid": …, "name": …, "event": "started"}``, then ``acknowledged``), and dies when
somebody kills it, or by itself at a step that the job names. The parent itself never touches a ledger, so nothing that
a library starts on first use is shared by its children.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import deltalake  # noqa: F401
import duckdb  # noqa: F401
import ibis
from ledger_rows import append, delivery, numbered

from shazhou.city.problem import Refused
from shazhou.ledger import compaction
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.verification import verify  # noqa: F401
from shazhou.ledger.withdraw import withdraw

ibis.duckdb  # noqa: B018 - loads the engine before the first fork

STEPS = ("fsync", "mkdir", "rename", "replace", "unlink", "link")
"""Calls of the operating system that a child may die before."""


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    say(event="ready")
    for line in sys.stdin:
        if os.fork() == 0:
            job = json.loads(line)
            try:
                run(job)
            except Refused as refused:
                say(job["name"], "refused", [problem.rule.id for problem in refused.problems])
            except BaseException:
                traceback.print_exc()
                say(job["name"], "failed", traceback.format_exc())
            finally:
                os._exit(0)


def run(job: dict[str, Any]) -> None:
    """Does one job in a child."""
    say(job["name"], "started")
    if "small_files" in job:
        compaction.SMALL_FILES = job["small_files"]
        compaction.GRACE = job.get("grace", compaction.GRACE)
    if "dies_at" in job:
        die_before_step(job["dies_at"])
    result = JOBS[job["job"]](job)
    say(job["name"], "acknowledged", result=result)


def die_before_step(number: int) -> None:
    """Kills this process before its n-th call of `STEPS`, counted from 0."""
    count = itertools.count()

    def dying(call: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **kwargs: Any) -> Any:
            if next(count) == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*args, **kwargs)

        return step

    for name in STEPS:
        setattr(os, name, dying(getattr(os, name)))


def say(name: str = "", event: str = "", result: Any = None) -> None:
    """Writes one line in one call, so that lines of several processes do not mix."""
    line = json.dumps({"pid": os.getpid(), "name": name, "event": event, "result": result})
    os.write(1, line.encode() + b"\n")


def _append(job: dict[str, Any]) -> Any:
    ledger = Ledger.open(Path(job["folder"]))
    made = append(ledger, job["name"], job["count"], job["first"], job.get("document", "").encode())
    return {"head": made.head, "sequence": made.sequence, "recorded_at": made.recorded_at.isoformat()}


def _append_many(job: dict[str, Any]) -> Any:
    ledger = Ledger.open(Path(job["folder"]))
    for number in range(job["times"]):
        name = f"{job['name']}-{number}"
        made = ledger.append(delivery(name, name.encode()), numbered(job["count"], job["first"] + 10 * number))
        result = {"head": made.head, "sequence": made.sequence, "recorded_at": made.recorded_at.isoformat()}
        say(name, "appended", result)
    return job["times"]


def _create(job: dict[str, Any]) -> Any:
    return Ledger.create(Path(job["folder"])).head()


def _compact(job: dict[str, Any]) -> Any:
    ledger = Ledger.open(Path(job["folder"]))
    for _ in range(job.get("times", 1)):
        ledger.compact()
    return ledger.head()


def _withdraw_many(job: dict[str, Any]) -> Any:
    ledger = Ledger.open(Path(job["folder"]))
    for each in ledger.submissions():
        if each.door == "file":
            made = withdraw(ledger, each.id, "wrong", "tester")
            result = {"head": made.head, "sequence": made.sequence, "recorded_at": made.recorded_at.isoformat()}
            say(made.id, "appended", result)
    return None


def _erase(job: dict[str, Any]) -> Any:
    return Ledger.open(Path(job["folder"])).erase(job["document"], "by order", "registrar").head


def _withdraw(job: dict[str, Any]) -> Any:
    return withdraw(Ledger.open(Path(job["folder"])), job["submission"], "wrong", "tester").head


JOBS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "append": _append,
    "append many": _append_many,
    "create": _create,
    "compact": _compact,
    "erase": _erase,
    "withdraw": _withdraw,
    "withdraw many": _withdraw_many,
}

if __name__ == "__main__":
    main()
