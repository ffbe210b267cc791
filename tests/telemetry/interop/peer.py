"""Clients that others wrote, each in a process and an installation of its own.

They are installed once into ``.interop`` beside the source tree's own environment, by lock files with hashes.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CACHE = Path(__file__).parents[3] / ".interop"


def installed(lock: Path) -> Path:
    """Folder of what a lock file names, installed if it is not there yet: a virtual environment or node_modules."""
    made = CACHE / f"{lock.parent.name}-{lock.stem}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not made.exists():
            unfinished = made.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            if lock.suffix == ".json":
                unfinished.mkdir()
                for name in ("package.json", "package-lock.json"):
                    shutil.copy(lock.with_name(name), unfinished / name)
                run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", cwd=unfinished)
            else:
                run(sys.executable, "-m", "venv", str(unfinished))
                # Called as a module: the scripts of a virtual environment do not survive its being renamed.
                pip = (str(unfinished / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install")
                run(*pip, "--quiet", "--require-hashes", "--requirement", str(lock))
            unfinished.rename(made)
    return made


def run(*command: str, cwd: Path | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


class Peer:
    """A running client: takes lines, says JSON objects by lines."""

    def __init__(self, script: str, *arguments: Any) -> None:
        environment = dict(os.environ)
        if script.endswith(".cjs"):
            environment["NODE_PATH"] = str(installed(HERE / "package-lock.json") / "node_modules")
            interpreter = "node"
        else:
            lock = "pysparkplug.lock" if script.startswith("pysparkplug") else "mqtt-spb-wrapper.lock"
            interpreter = str(installed(HERE / lock) / "bin" / "python")
        self.process = subprocess.Popen(
            [interpreter, str(HERE / "peers" / script), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self._said: queue.Queue[dict[str, Any]] = queue.Queue()
        self.complaints: list[str] = []
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._hear_complaints, daemon=True).start()

    def tell(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def said(self, key: str, seconds: float = 20) -> Any:
        """What it says next under a key; what it says under others is passed over."""
        until = time.monotonic() + seconds
        while True:
            try:
                found = self._said.get(timeout=max(0, until - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"nothing about {key}; complaints: {''.join(self.complaints)}") from None
            if key in found:
                return found[key]

    def kill(self) -> None:
        """Ends it as a power cut would: no farewell."""
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("{"):
                self._said.put(json.loads(line))

    def _hear_complaints(self) -> None:
        assert self.process.stderr is not None
        self.complaints.extend(self.process.stderr)
