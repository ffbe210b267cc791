"""Where this deployment keeps its things; all of it comes from the environment.

``SHAZHOU_DATA`` the ledger, ``SHAZHOU_CITY`` the city folder, ``SHAZHOU_DATABASE`` the address of the people's
database (SQLite beside the ledger where it is not said), ``SHAZHOU_SECRET`` the key that sessions are signed with,
``SHAZHOU_HOSTS`` the names that the site answers to, ``SHAZHOU_HTTPS`` whether it is reached through TLS.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from shazhou.ledger.store import put


@dataclass(frozen=True)
class Deployment:
    """The places and settings of one deployment."""

    data: Path
    city: Path
    database: str
    secret: str
    hosts: tuple[str, ...]
    https: bool

    @property
    def folder(self) -> Path:
        """The console's own folder, beside the ledger: people's database and secret."""
        return folder_of(self.data)

    @classmethod
    def of_environment(cls) -> Deployment:
        """The deployment that the environment describes."""
        data = Path(os.environ.get("SHAZHOU_DATA", "var/ledger")).absolute()
        folder = folder_of(data)
        hosts = os.environ.get("SHAZHOU_HOSTS", "127.0.0.1,localhost,[::1]")
        return cls(
            data,
            Path(os.environ.get("SHAZHOU_CITY", "cities/zhangjiagang")).absolute(),
            os.environ.get("SHAZHOU_DATABASE", "") or f"sqlite:///{folder / 'people.sqlite3'}",
            os.environ.get("SHAZHOU_SECRET", "") or _kept_secret(folder) or secrets.token_urlsafe(50),
            tuple(each.strip() for each in hosts.split(",") if each.strip()),
            os.environ.get("SHAZHOU_HTTPS", "") not in ("", "0"),
        )

    def prepare(self) -> None:
        """Makes the console's folder and its secret, readable by its owner alone, where they are missing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        if not _kept_secret(self.folder):
            put(_secret_file(self.folder), self.secret.encode())
            _secret_file(self.folder).chmod(0o600)


def folder_of(data: Path) -> Path:
    """The console's folder for a ledger."""
    return data.with_name(f"{data.name}.console")


def _secret_file(folder: Path) -> Path:
    return folder / "secret"


def _kept_secret(folder: Path) -> str:
    file = _secret_file(folder)
    return file.read_text().strip() if file.is_file() else ""
