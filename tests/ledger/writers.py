"""Writers in processes of their own, that can be killed: the tests' side of `nursery`."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

Told = dict[str, Any]


class Writers:
    """Starts writers, hears what they say, kills them."""

    def __init__(self) -> None:
        nursery = Path(__file__).with_name("nursery.py")
        self._process = subprocess.Popen(
            [sys.executable, str(nursery)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        self._buffer = b""
        self.told: list[Told] = []
        self.running: dict[int, str] = {}
        assert self.hear(60)[0]["event"] == "ready"
        self.told.clear()

    def start(self, name: str, **job: Any) -> int:
        """Starts a writer; returns its process id, as soon as it says so."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"name": name, **job}).encode() + b"\n")
        while True:
            for told in self.hear(30):
                if told["name"] == name and told["event"] == "started":
                    self.running[told["pid"]] = name
                    return int(told["pid"])

    def hear(self, seconds: float) -> list[Told]:
        """What was said within some seconds, at the latest; returns with the first word."""
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], seconds)[0]:
            return []
        self._buffer += os.read(self._process.stdout.fileno(), 1 << 20)
        *lines, self._buffer = self._buffer.split(b"\n")
        new = [json.loads(line) for line in lines]
        self.told += new
        return new

    def hear_of(self, event: str, seconds: float) -> None:
        """Waits until somebody tells of an event, or some seconds have passed."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if any(told["event"] == event for told in self.hear(until - time.monotonic())):
                return

    def finish(self, pid: int) -> None:
        """Waits until a writer has ended."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            self.hear(0.002)
            if not self.alive(pid):
                while self.hear(0):
                    continue
                return
        raise TimeoutError(f"writer {self.running.get(pid)} does not end")

    def alive(self, pid: int) -> bool:
        """Whether a writer still runs."""
        with suppress(ProcessLookupError):
            os.kill(pid, 0)
            return True
        self.running.pop(pid, None)
        return False

    def kill(self, pid: int) -> None:
        """Kills a writer where it stands."""
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def acknowledged(self) -> dict[str, Any]:
        """The results of all that was acknowledged, by name."""
        return {told["name"]: told["result"] for told in self.told if told["event"] in ("acknowledged", "appended")}

    def close(self) -> None:
        """Ends everything."""
        for pid in list(self.running):
            self.kill(pid)
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)
