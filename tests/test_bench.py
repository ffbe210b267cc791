"""The benchmarks run and compare equal work; what they measure is for whoever runs them to read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[1] / "bench"
SMALL = {
    "append.py": ("20000", "20"),
    "cold.py": ("1",),
    "console.py": ("2000", "--seconds", "8", "--people", "4", "--addresses", "8"),
    "figures.py": ("50000", "--runs", "1", "--pandas"),
    "register.py": ("2000", "--runs", "1"),
    "report.py": ("40",),
    "telemetry_ingest.py": ("--nodes", "10", "--rate", "300", "--seconds", "3", "--rates", "600"),
    "telemetry_peers.py": ("--nodes", "10", "--rates", "600", "--seconds", "3"),
    "telemetry_decode.py": ("1000",),
    "telemetry_store.py": ("30000",),
    "telemetry_verdicts.py": ("60", "5", "--at-least", "0.97", "--passed", "58:60"),
    "telemetry_opcua.py": ("200", "--seconds", "3"),
    "us_counties.py": (),
}


def test_every_benchmark_is_tried() -> None:
    assert {path.name for path in BENCH.glob("*.py")} == set(SMALL)


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_a_benchmark_runs(name: str) -> None:
    command = [sys.executable, str(BENCH / name), *SMALL[name]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "ratio" in done.stdout or "figures" in done.stdout
    assert "False" not in done.stdout
