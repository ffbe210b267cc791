"""The site as it runs: a server process of its own, and a real browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

COMMAND = Path(sys.executable).with_name("shazhou")
PASSWORD = "a walk through the whole house 7"
LOCALES = {"en": "en-GB", "zh": "zh-CN"}

PATIENCE = 120_000
"""Milliseconds for which an answer, and what is expected of a page, are waited: the machine may be busy."""


def run(*arguments: str, **more: str) -> str:
    """What a command prints; it must succeed. ``more``: the environment that it is told."""
    done = subprocess.run(
        [COMMAND, *arguments], env={**os.environ, **more}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


@contextmanager
def serving(log: Path, workers: int = 1, **known: str) -> Iterator[str]:
    """The address of a site that runs until the context ends; ``known``: the environment that it is told."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [COMMAND, "serve", "--port", str(port), "--workers", str(workers)]
    with log.open("wb") as out:
        server = subprocess.Popen(command, env={**os.environ, **known}, stdout=out, stderr=out)
        try:
            _answered(f"http://127.0.0.1:{port}", log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(30)


def _answered(address: str, log: Path) -> None:
    for _ in range(900):
        try:
            urllib.request.urlopen(f"{address}/sign-in/").close()
            return
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a screen."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        browser.on("context", lambda context: context.set_default_timeout(PATIENCE))
        yield browser
        browser.close()
