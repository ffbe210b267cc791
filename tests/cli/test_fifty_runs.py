"""Each command fifty times: engines with threads of their own must not abort while the process ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from shell import shazhou, spawned

RUNS = 50
PARTS = 2
"""Each command's runs are shared by so many tests, which may run at once."""

HARMLESS = {
    "check": ("check",),
    "submissions": ("submissions",),
    "figure": ("figure", "projects_investment", "--period", "2021"),
    "figure --check": ("figure", "{id}", "--check"),
    "tabulate": ("tabulate", "gdp", "projects_reported", "--period", "2016:2023"),
    "trail": ("trail", "{id}"),
    "targets": ("targets", "--headline"),
    "verify": ("verify",),
    "compact": ("compact",),
    "load": ("load",),
    "match": ("match",),
    "template": ("template", "--variables", "gdp", "--period", "2021", "--out", "{folder}/template.xlsx"),
    "report": ("report", "2021", "--lang", "zh", "--out", "{folder}"),
}


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("name", HARMLESS)
def test_a_command_run_fifty_times_exits_cleanly_each_time(name: str, part: int, loaded: Path, tmp_path: Path) -> None:
    figure = shazhou("figure", "gdp", "--period", "2021", "--json", data=loaded).json["id"]
    arguments = [word.format(id=figure, folder=tmp_path) for word in HARMLESS[name]]
    runs = [spawned(*arguments, data=loaded) for _ in range(RUNS // PARTS)]
    assert [(run.status, run.err) for run in runs] == [(0, "")] * (RUNS // PARTS)
    assert len({run.out for run in runs}) == 1


@pytest.mark.slow
def test_fifty_ledgers_are_made_and_filled_and_each_command_exits_cleanly(tmp_path: Path) -> None:
    document = tmp_path / "places.csv"
    document.write_bytes((Path(__file__).parents[2] / "cities/zhangjiagang/evidence/places.csv").read_bytes())
    for number in range(RUNS):
        data = tmp_path / f"ledger{number}"
        for command in (
            ("init",),
            ("load", document, "--mapping", "places", "--source", "places"),
            ("withdraw", "2", "--reason", "run"),
        ):
            run = spawned(*command, data=data)
            assert (run.status, run.err) == (0, "")
