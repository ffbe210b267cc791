"""A PostgreSQL server of a test's own, from the binaries that Debian's package brings."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

OWNER = "people"
SECRET = "p@ss word"
"""Escaped where it stands in an address."""


@dataclass(frozen=True)
class Server:
    """A server that runs: where its binaries and its folder are, and its port."""

    binaries: Path
    folder: Path
    port: int

    def database(self, name: str) -> str:
        """The address of a new and empty database."""
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return self.address(name)

    def address(self, name: str) -> str:
        """The address of a database."""
        return f"postgres://{OWNER}:{SECRET.replace('@', '%40').replace(' ', '%20')}@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        self.control("start", "--wait", f"--log={self.folder / 'log'}", f"--options={options}")

    def stop(self) -> None:
        """Stops it, whoever is connected."""
        self.control("stop", "--wait", "--mode=fast")

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """It is away until the context ends."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    def control(self, *words: str) -> None:
        """Has pg_ctl do something."""
        self.run("pg_ctl", f"--pgdata={self.folder / 'data'}", *words)

    def run(self, tool: str, *words: str) -> None:
        """Runs one of the server's tools; none of them is willing to work for root."""
        command, user = [self.binaries / tool, *words], "postgres" if os.geteuid() == 0 else None
        done = subprocess.run(command, user=user, cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr + done.stdout


@contextmanager
def postgresql() -> Iterator[Server]:
    """A server that runs until the context ends, and asks for a password."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda found: int(found.parent.name))
    assert binaries, "PostgreSQL is needed: apt-get install postgresql"
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = Server(binaries[-1], folder, free.getsockname()[1])
    try:
        (folder / "secret").write_text(SECRET)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        access = (f"--username={OWNER}", f"--pwfile={folder / 'secret'}", "--auth=scram-sha-256")
        server.run("initdb", f"--pgdata={folder / 'data'}", *access, "--no-locale", "--encoding=UTF8", "--no-sync")
        server.start()
        yield server
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            server.stop()
        shutil.rmtree(folder)
