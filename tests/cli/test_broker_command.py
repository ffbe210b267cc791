"""shazhou broker: where it cannot listen, it says so in both languages and what to do."""

from __future__ import annotations

import socket

from shell import shazhou


def test_a_port_that_is_taken_is_told_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = shazhou("broker", "--port", port)
    assert done.status == 1
    assert f"127.0.0.1:{port}" in done.err and "无法监听" in done.err and "--port" in done.err
