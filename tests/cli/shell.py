"""Runs the command as a user does: with its folders in the environment, its output and its exit status.

``shazhou`` runs it within this process, which spares each test the second in which libraries are loaded; ``spawned``
gives it a process of its own, for what only that shows: how it begins and how it ends.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from shazhou.cli import main

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
    """Runs ``shazhou`` within this process."""
    out, err = _stream(), _stream()
    words = ["shazhou", *map(str, arguments)]
    environment = patch.dict(os.environ, _known(data, city, lang))
    with environment, patch.object(sys, "argv", words), redirect_stdout(out), redirect_stderr(err):
        status = _status()
    return Done(status, _text(out), _text(err))


def spawned(*arguments: object, data: Path | None = None, city: Path = CITY, lang: str = "en") -> Done:
    """Runs ``shazhou`` in a process of its own."""
    done = subprocess.run(
        [str(COMMAND), *map(str, arguments)],
        env={**os.environ, **_known(data, city, lang)},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def _known(data: Path | None, city: Path, lang: str) -> Mapping[str, str]:
    known = {"SHAZHOU_CITY": str(city), "SHAZHOU_LANG": lang, "SHAZHOU_DELIVERER": "tester", "COLUMNS": "80"}
    return known | ({"SHAZHOU_DATA": str(data)} if data is not None else {})


def _status() -> int:
    try:
        main()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    raise AssertionError("a command ends with its status")


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n")


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    return bytes(stream.buffer.getvalue()).decode() if isinstance(stream.buffer, io.BytesIO) else ""
