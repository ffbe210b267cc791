"""shazhou broker: where it cannot listen, it says so in both languages and what to do."""

from __future__ import annotations

import socket
from pathlib import Path

from shell import shazhou


def test_a_port_that_is_taken_is_told_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = shazhou("broker", "--port", port)
    assert done.status == 1
    assert f"127.0.0.1:{port}" in done.err and "无法监听" in done.err and "--port" in done.err


def test_what_is_no_port_and_no_file_is_wrong_usage(tmp_path: Path) -> None:
    assert shazhou("broker", "--port", "99999").status == 2
    assert shazhou("host", "--broker", "mqtts://localhost", "--ca", str(tmp_path / "nothing.pem")).status == 2
