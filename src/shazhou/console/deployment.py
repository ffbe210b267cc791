"""Where this deployment keeps its things; all of it comes from the environment.

``SHAZHOU_DATA`` the ledger, ``SHAZHOU_CITY`` the city folder, ``SHAZHOU_DATABASE`` the address of the people's
database (SQLite beside the ledger where it is not said), ``SHAZHOU_SECRET`` the key that sessions are signed with,
``SHAZHOU_HOSTS`` the names that the site answers to, ``SHAZHOU_HTTPS`` whether it is reached through TLS,
``SHAZHOU_PROXIES`` the addresses of proxies that are believed when they say where a visitor comes from, and
``SHAZHOU_METRICS=open`` whether everybody may read ``/metrics``.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import dj_database_url

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.ledger.store import locked, put

ENGINES = ("django.db.backends.sqlite3", "django.db.backends.postgresql")

NO_DATABASE = Rule(
    "database-address",
    "{found} is not the address of a database.",
    "{found} 不是数据库地址。",
    "Write postgres://user:password@host:5432/name, or leave it out for SQLite.",
    "请写成 postgres://用户:密码@主机:5432/库名；不写则使用 SQLite。",
)
NO_DRIVER = Rule(
    "database-driver",
    "The people's database is PostgreSQL, and its driver is not installed.",
    "用户数据库为 PostgreSQL，但尚未安装驱动程序。",
    "Install it with pip install 'psycopg[binary]'.",
    "请执行 pip install 'psycopg[binary]' 安装。",
)
DATABASE_AWAY = Rule(
    "database-away",
    "The people's database does not answer: {found}",
    "用户数据库无应答：{found}",
    "Check SHAZHOU_DATABASE and that the server runs.",
    "请检查 SHAZHOU_DATABASE 及数据库服务是否运行。",
)


@dataclass(frozen=True)
class Deployment:
    """The places and settings of one deployment."""

    data: Path
    city: Path
    database: str
    secret: str
    hosts: tuple[str, ...]
    https: bool
    proxies: tuple[str, ...] = ()
    open_metrics: bool = False

    @property
    def folder(self) -> Path:
        """The console's own folder, beside the ledger: people's database and secret."""
        return folder_of(self.data)

    @contextmanager
    def turn(self, name: str) -> Iterator[None]:
        """Waits for a lock of the console's folder, and holds it; it falls with its process."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with locked(self.folder / f"{name}.lock"):
            yield

    @classmethod
    def of_environment(cls) -> Deployment:
        """The deployment that the environment describes."""
        data = Path(os.environ.get("SHAZHOU_DATA", "var/ledger")).absolute()
        folder = folder_of(data)
        return cls(
            data,
            Path(os.environ.get("SHAZHOU_CITY", "cities/zhangjiagang")).absolute(),
            os.environ.get("SHAZHOU_DATABASE", "") or f"sqlite:///{quote(str(folder / 'people.sqlite3'))}",
            os.environ.get("SHAZHOU_SECRET", "") or _kept_secret(folder) or secrets.token_urlsafe(50),
            _listed("SHAZHOU_HOSTS", "127.0.0.1,localhost,[::1]"),
            os.environ.get("SHAZHOU_HTTPS", "") not in ("", "0"),
            _listed("SHAZHOU_PROXIES", ""),
            os.environ.get("SHAZHOU_METRICS", "") == "open",
        )

    @property
    def sqlite(self) -> Path | None:
        """The file of the people's database, or None where a server keeps it."""
        settings = self.database_settings()
        return Path(settings["NAME"]) if settings["ENGINE"].endswith("sqlite3") else None

    @property
    def shown_database(self) -> str:
        """The address of the people's database without its user and password."""
        return self.database.rpartition("@")[2]

    def database_settings(self) -> dict[str, Any]:
        """The people's database as Django is told of it.

        Raises:
            Refused: the address is of no database, or of one that the site is not made for.
        """
        shown = self.shown_database
        try:
            settings: dict[str, Any] = {**dj_database_url.parse(self.database, conn_max_age=600)}
        except ValueError:
            raise Refused([Problem(NO_DATABASE, Where(), shown)]) from None
        if settings["ENGINE"] not in ENGINES:
            raise Refused([Problem(NO_DATABASE, Where(), shown)])
        settings["CONN_HEALTH_CHECKS"] = True
        if settings["ENGINE"].endswith("sqlite3"):
            # Several workers write: the write lock is taken at once and waited for, and readers are never in the way.
            settings["OPTIONS"] = {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            }
        return settings

    def prepare(self) -> None:
        """Makes the console's folder and its secret, readable by its owner alone, where they are missing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        if not _kept_secret(self.folder):
            put(_secret_file(self.folder), self.secret.encode())
            _secret_file(self.folder).chmod(0o600)


def require_driver() -> None:
    """Nothing, where PostgreSQL can be spoken to.

    Raises:
        Refused: its driver is not installed.
    """
    if not importlib.util.find_spec("psycopg"):
        raise Refused([Problem(NO_DRIVER, Where())])


def _listed(name: str, default: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in os.environ.get(name, default).split(",") if each.strip())


def folder_of(data: Path) -> Path:
    """The console's folder for a ledger."""
    return data.with_name(f"{data.name}.console")


def _secret_file(folder: Path) -> Path:
    return folder / "secret"


def _kept_secret(folder: Path) -> str:
    file = _secret_file(folder)
    return file.read_text().strip() if file.is_file() else ""
