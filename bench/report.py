"""A work report of 2,000 figures over the real evidence of the city that ships with the source.

    python bench/report.py [figures]

Loads the city, writes a template that quotes so many different figures (each in a sentence of its own, all with
values), builds the report as XHTML, PDF and DOCX, and prints the seconds for loading, figures (computing, composing,
checking) and layout (all three outputs), the total beside its goal of 10 s, and the same figures asked for without a
report as a ratio. It looks for garbage as seldom as the command does.
"""

from __future__ import annotations

import argparse
import gc
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from itertools import zip_longest
from pathlib import Path

import pyarrow.compute as pc

from shazhou.city.folder import read_city
from shazhou.cli import COLLECTED_EVERY
from shazhou.intake.load import load_evidence
from shazhou.ledger.ledger import Ledger
from shazhou.measure.figure import Cell
from shazhou.measure.measure import Measure
from shazhou.report.build import build

CITY = Path(__file__).parents[1] / "cities" / "zhangjiagang"
GOAL = 10.0
YEARS = range(2016, 2027)
PERIODS = [str(year) for year in YEARS] + [f"{year}-{month:02d}" for year in YEARS for month in range(1, 13)]


def filled(folder: Path) -> Ledger:
    """A ledger with the city's evidence."""
    ledger = Ledger.create(folder)
    load_evidence(ledger, read_city(CITY), CITY, "bench")
    return ledger


def stated_cells(measure: Measure, wanted: int) -> list[Cell]:
    """So many different cells with values, taken from all indicators in turn."""
    city = measure.city
    places = [city.root, *(key for key, place in city.places.items() if place.parent == city.root)]
    table = measure.tabulate(list(city.indicators), places, PERIODS, ["", *city.industries])
    rows = table.filter(pc.is_valid(table["value"])).select(["indicator", "place", "period", "industry"]).to_pylist()
    by_indicator: dict[str, list[Cell]] = {}
    for row in rows:
        by_indicator.setdefault(row["indicator"], []).append(Cell(**row))
    in_turn = (cell for cells in zip_longest(*by_indicator.values()) for cell in cells if cell)
    found = [cell for cell, _ in zip(in_turn, range(wanted), strict=False)]
    if len(found) < wanted:
        raise SystemExit(f"the evidence gives only {len(found)} different figures")
    return found


def template_of(cells: list[Cell]) -> str:
    """A template with one sentence for each cell, in paragraphs of five and sections of fifty."""
    return "# {{ name: city }}{{ year }}\n" + "\n".join(_sections(cells))


def _sections(cells: list[Cell]) -> Iterator[str]:
    for number, cell in enumerate(cells):
        if number % 50 == 0:
            yield "\n## {{ name: " + cell.indicator + " }}\n"
        elif number % 5 == 0:
            yield ""
        options = f"place={cell.place} period={cell.period}"
        options += f" industry={cell.industry}" if cell.industry else ""
        yield (
            "{{ period: "
            + cell.period
            + " }}{{ name: "
            + cell.indicator
            + " }}为{{ "
            + f"{cell.indicator} {options}"
            + " }}。"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("figures", nargs="?", type=int, default=2000)
    wanted = parser.parse_args().figures
    gc.set_threshold(COLLECTED_EVERY)
    with tempfile.TemporaryDirectory() as folder:
        filled(Path(folder) / "ledger")
        cells = stated_cells(Measure(Ledger.open(Path(folder) / "ledger")), wanted)
        started, worked = time.perf_counter(), time.process_time()
        measure = Measure(Ledger.open(Path(folder) / "ledger"))
        loaded = time.perf_counter()
        files = {**measure.city.files, "report/work_report.zh.md": template_of(cells).encode()}
        measure.city = measure.city.model_copy(update={"files": files})
        steps: list[tuple[str, float]] = []
        written = build(
            measure, 2025, "zh", Path(folder), date.today(), lambda step: steps.append((step, time.perf_counter()))
        )
        ended, worked = time.perf_counter(), time.process_time() - worked
        sizes = ", ".join(f"{path.suffix[1:]} {path.stat().st_size / 1e6:.1f} MB" for path in written)
        Measure(Ledger.open(Path(folder) / "ledger")).figures(cells)
        bare = time.perf_counter() - ended
    seconds = _seconds(steps, ended)
    figures = seconds["computing figures"] + seconds["checking"] + seconds["reading the template"]
    layout = ended - loaded - figures
    print(f"{wanted:,} different figures, {sizes}")
    print(f"load {loaded - started:.2f} s, figures {figures:.2f} s, layout {layout:.2f} s")
    for step, time_of_step in seconds.items():
        print(f"  {step:<28} {time_of_step:6.2f} s")
    print(f"figures of the report / the same figures alone: {figures / bare:.2f} ({bare:.2f} s alone)")
    print(
        f"total {ended - started:.2f} s; goal {GOAL:.0f} s: {(ended - started) / GOAL:.2f} of it; {worked:.2f} s of CPU"
    )


def _seconds(steps: list[tuple[str, float]], ended: float) -> dict[str, float]:
    ends = [*(moment for _, moment in steps[1:]), ended]
    return {step: end - moment for (step, moment), end in zip(steps, ends, strict=True)}


if __name__ == "__main__":
    main()
