"""Runs the command as a user does: a process of its own, its output and its exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

CITY = Path(__file__).parents[2] / "cities" / "zhangjiagang"
COMMAND = Path(sys.executable).with_name("shazhou")


class Done(NamedTuple):
    """What a command left."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def shazhou(*arguments: object, data: Path | None = None, city: Path = CITY, lang: str = "en") -> Done:
    """Runs ``shazhou`` with the folders in its environment."""
    known = {"SHAZHOU_CITY": str(city), "SHAZHOU_LANG": lang, "SHAZHOU_DELIVERER": "tester", "COLUMNS": "80"}
    known |= {"SHAZHOU_DATA": str(data)} if data is not None else {}
    done = subprocess.run(
        [str(COMMAND), *map(str, arguments)],
        env={**os.environ, **known},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return Done(done.returncode, done.stdout, done.stderr)
