"""Verifies a ledger in a process of its own: ``python -m shazhou.console.ledger.verifying FILE LEDGER [HEAD]``."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from shazhou.console.evidence.jobs import Progress, working
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.verification import verify

VERIFY = "verify"
MODULE = "shazhou.console.ledger.verifying"


def verified(folder: Path, expect: str, progress: Progress) -> dict[str, Any]:
    """The result of verifying a ledger, as data: the counts and the head of what is intact, and each failure in both
    languages."""
    found = verify(Ledger.open(folder), expect, progress)
    failures = [{**each.as_dict(), "where": str(each.where)} for each in found.failures]
    return {**asdict(found), "ok": found.ok, "failures": failures, "expect": expect}


if __name__ == "__main__":
    file, ledger, *rest = sys.argv[1:]
    working(Path(file), lambda progress: verified(Path(ledger), "".join(rest), progress))
