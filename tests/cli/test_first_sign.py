"""On a terminal something is seen before anything heavy is loaded."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from shell import COMMAND, spawned


def test_the_command_is_there_before_its_libraries() -> None:
    text = "import shazhou.cli, sys; print({'typer', 'rich', 'pydantic', 'pyarrow'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_a_terminal_shows_the_sign_first_and_no_trace_of_it_last() -> None:
    screen, terminal = pty.openpty()
    try:
        done = subprocess.run([COMMAND, "tabulate", "--help"], stdin=terminal, stdout=terminal, stderr=terminal)
        text = os.read(screen, 1_000_000).decode()
    finally:
        os.close(screen)
        os.close(terminal)
    assert done.returncode == 0
    assert text.startswith("shazhou …\r\x1b[K")
    assert "shazhou …" not in text.partition("\x1b[K")[2]


@pytest.mark.slow
def test_what_is_no_terminal_gets_no_sign(loaded: Path) -> None:
    done = spawned("figure", "gdp", "--period", "2021", "--json", data=loaded)
    assert (done.status, done.err) == (0, "")
    assert done.json["value"] == "3030.21"


def test_a_refusal_in_a_process_of_its_own_has_its_status(tmp_path: Path) -> None:
    done = spawned("verify", "--json", data=tmp_path / "nowhere")
    assert done.status == 1
    assert done.json["problems"][0]["rule"] == "not-a-ledger"
