"""One figure from a cold process, split into the start of the interpreter, imports and the query.

    python bench/cold.py [runs]

Loads the city's own evidence into a temporary ledger and asks for one published figure with ``shazhou figure`` as a
process of its own, time after time. Beside it, as a peer: a bare ``python -c "import duckdb; ..."`` that looks the same
number up in the same Parquet files. Prints the median of each and their ratio. The first process after an append also
counts the profile of the new head; it is shown apart.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from shazhou.city.folder import read_city
from shazhou.intake.load import load_evidence
from shazhou.ledger.ledger import Ledger

CITY = Path(__file__).parents[1] / "cities" / "zhangjiagang"
SHAZHOU = Path(sys.executable).with_name("shazhou")
FIGURE = ["rd_share_of_gdp", "--place", "320582", "--period", "2017", "--json"]
IMPORTS = "import shazhou.cli.figures, shazhou.ledger.ledger, shazhou.measure.measure, shazhou.measure.quoted"
PEER = """
import duckdb
print(duckdb.execute(
    "select value from read_parquet(?) where entity = 'place:320582' and variable = 'rd_share_of_gdp' "
    "and kind = 'actual' and period = '2017'", [{files!r}]).fetchone()[0])
"""


def seconds(*command: str) -> tuple[float, str]:
    """Wall seconds of a process, and what it printed."""
    started = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "COLUMNS": "80"})
    return time.perf_counter() - started, done.stdout


def median(runs: int, *command: str) -> float:
    return statistics.median(seconds(*command)[0] for _ in range(runs))


def main(runs: int) -> None:
    with tempfile.TemporaryDirectory() as parent:
        data = Path(parent) / "ledger"
        ledger = Ledger.create(data)
        load_evidence(ledger, read_city(CITY), CITY, "bench")
        command = [str(SHAZHOU), "figure", *FIGURE, "--data", str(data)]
        peer = [sys.executable, "-c", PEER.format(files=[str(file) for file in ledger.observation_files.files()])]
        first, printed = seconds(*command)
        assert float(json.loads(printed)["value"]) == float(seconds(*peer)[1])
        interpreter = median(runs, sys.executable, "-c", "pass")
        imports = median(runs, sys.executable, "-c", IMPORTS) - interpreter
        whole = median(runs, *command)
        looked_up = median(runs, *peer)
    print(f"first figure at a new head   {first:6.2f} s")
    print(f"one figure, cold process     {whole:6.2f} s   (median of {runs})")
    print(f"  interpreter start          {interpreter:6.2f} s")
    print(f"  imports                    {imports:6.2f} s")
    print(f"  definitions and query      {whole - interpreter - imports:6.2f} s")
    print(f"bare duckdb look-up          {looked_up:6.2f} s")
    print(f"ratio shazhou / duckdb       {whole / looked_up:6.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
