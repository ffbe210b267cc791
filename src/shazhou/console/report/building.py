"""Builds a report's files in a process of its own:
``python -m shazhou.console.report.building FILE LEDGER HEAD YEAR LANGUAGE DAY OUT``.

The files are made in a folder beside OUT, which takes its name only when they are all there.
"""

from __future__ import annotations

import shutil
import sys
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from shazhou.city.problem import Language, Refused
from shazhou.console.evidence.jobs import Progress, working
from shazhou.ledger.ledger import Ledger
from shazhou.measure.measure import Measure
from shazhou.report.build import Files, build

BUILD = "report"
MODULE = "shazhou.console.report.building"
REPORTS_KEPT = 24
"""Built reports that are kept; the one that was built longest ago makes room for another."""


def built(
    ledger: Path, head: str, year: int, language: str, day: date, out: Path, progress: Progress
) -> dict[str, Any]:
    """Builds the files of a report, with an archive of the page and its taxonomy. The result names the folder, and the
    problems where a check stopped it."""
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    spoken: Language = "zh" if language == "zh" else "en"
    try:
        measure = Measure(Ledger.open(ledger), head)
        files = build(measure, year, spoken, partial, day, lambda step: progress(step))
    except Refused as refused:
        return {"report": out.name, "problems": [each.as_dict() for each in refused.problems]}
    _pack(partial, files)
    shutil.rmtree(out, ignore_errors=True)
    partial.rename(out)
    _make_room(out.parent)
    return {"report": out.name, "problems": []}


def _pack(folder: Path, files: Files) -> None:
    """One archive of the page with the taxonomy that it refers to, as programs that read XBRL want it."""
    members = [each for each in sorted(folder.iterdir()) if each not in (files.pdf, files.docx)]
    with ZipFile(folder / f"{files.xhtml.stem}.zip", "w", ZIP_DEFLATED) as archive:
        for each in members:
            archive.write(each, each.name)


def _make_room(folder: Path) -> None:
    reports = [each for each in folder.iterdir() if each.is_dir() and not each.name.startswith(".")]
    for each in sorted(reports, key=lambda each: each.stat().st_mtime, reverse=True)[REPORTS_KEPT:]:
        shutil.rmtree(each, ignore_errors=True)


if __name__ == "__main__":
    state, ledger, head, year, language, day, out = sys.argv[1:]
    working(
        Path(state),
        lambda progress: built(Path(ledger), head, int(year), language, date.fromisoformat(day), Path(out), progress),
    )
