"""The broker and the host as processes of their own, as they are run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from machine import size_of

from shazhou.ledger.ledger import Ledger
from shazhou.telemetry.broker.embedded import embedded
from shazhou.telemetry.store.store import Store, folder_of

EVER = 1 << 60
CITY = Path(__file__).parents[3] / "cities" / "zhangjiagang"


@contextmanager
def broker() -> Iterator[int]:
    """The broker that comes along, on a free port."""
    with embedded(0) as running:
        yield running.port


class Host:
    """``shazhou host`` for a ledger, which is made where there is none; its words stand in ``host.log`` beside it."""

    process: subprocess.Popen[bytes]

    def __init__(self, data: Path, port: int, *options: str) -> None:
        self.data, self.log = data, data.with_name("host.log")
        where = ("--data", str(data), "--city", str(CITY), "--broker", f"mqtt://127.0.0.1:{port}")
        self._command = [sys.executable, "-c", "from shazhou.cli import main; main()", "host", *where, *options]
        if not data.exists():
            Ledger.create(data)

    def start(self) -> None:
        """Starts it, and waits until it is connected to its broker."""
        before = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as out:
            environment = {**os.environ, "PYTHONUNBUFFERED": "1", "COLUMNS": "400"}
            self.process = subprocess.Popen(self._command, stdout=out, stderr=out, env=environment)
        until = time.monotonic() + 60
        while b": connected" not in self.log.read_bytes()[before:]:
            assert self.process.poll() is None and time.monotonic() < until, self.log.read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        """As an operator stops it."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def kill(self) -> None:
        """As a power cut stops it."""
        self.process.kill()
        self.process.wait()

    def store(self) -> Store:
        """Its store, to read."""
        return Store.open(folder_of(self.data))

    def count(self, device: str = "line") -> int:
        """Samples that can be read."""
        with self.store() as store:
            return len(store.samples(0, EVER, device=device, columns=["at"]))

    def settled(self) -> int:
        """Stops it, files the tail away, and tells the bytes of the store."""
        self.stop()
        with Store.open(folder_of(self.data), write=True) as store:
            store.compact(datetime.now(UTC).date() + timedelta(days=1))
        return size_of(folder_of(self.data))


@contextmanager
def host(data: Path, port: int, *options: str) -> Iterator[Host]:
    """A host that runs until the context ends."""
    running = Host(data, port, *options)
    running.start()
    try:
        yield running
    finally:
        running.kill()
