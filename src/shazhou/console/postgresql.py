"""Copies of a people's database that a PostgreSQL server keeps, made and read by PostgreSQL's own tools.

The tools are told of the server by the environment, so that no password stands in the list of processes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.console.deployment import DATABASE_AWAY, require_driver

NO_TOOL = Rule(
    "database-tool",
    "{found} is missing, by which the people's database is copied.",
    "缺少复制用户数据库所需的 {found}。",
    "Install PostgreSQL's client, not older than the server, such as with apt-get install postgresql-client.",
    "请安装不低于服务器版本的 PostgreSQL 客户端，例如 apt-get install postgresql-client。",
)
TOOL_FAILED = Rule(
    "database-copy",
    "The people's database could not be copied ({found}).",
    "用户数据库复制失败（{found}）。",
    "Check SHAZHOU_DATABASE, and that the client is not older than the server; nothing was kept.",
    "请检查 SHAZHOU_DATABASE，并确认客户端版本不低于服务器；未保留任何内容。",
)


def dump(settings: Mapping[str, Any], file: Path) -> None:
    """Copies a database, as it stands at one moment, to a file. ``settings`` are Django's.

    Raises:
        Refused: pg_dump is missing, or fails.
    """
    # Uncompressed: the archive that it goes into is compressed as a whole.
    _run(settings, "pg_dump", "--format=custom", "--compress=0", f"--file={file}")


def load(settings: Mapping[str, Any], file: Path) -> None:
    """Brings such a copy into an empty database, all of it or nothing.

    Raises:
        Refused: pg_restore is missing, or fails.
    """
    _run(settings, "pg_restore", "--single-transaction", f"--dbname={settings['NAME']}", str(file))


def is_empty(settings: Mapping[str, Any]) -> bool:
    """Whether a database holds no tables.

    Raises:
        Refused: it does not answer, or cannot be spoken to.
    """
    require_driver()
    import psycopg

    tables = "SELECT 1 FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    try:
        with psycopg.connect(**_asked(settings)) as connection:
            return connection.execute(tables).fetchone() is None
    except psycopg.OperationalError as error:
        raise Refused([Problem(DATABASE_AWAY, Where(), str(error).partition("\n")[0])]) from None


def _run(settings: Mapping[str, Any], tool: str, *words: str) -> None:
    require_driver()
    if shutil.which(tool) is None:
        raise Refused([Problem(NO_TOOL, Where(), tool)])
    told = {**os.environ, **_environment(settings)}
    command = [tool, "--no-owner", "--no-privileges", "--no-password", *words]
    done = subprocess.run(command, env=told, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"{tool}: {done.returncode}"]
        raise Refused([Problem(TOOL_FAILED, Where(), next((line for line in said if "error:" in line), said[0]))])


def _environment(settings: Mapping[str, Any]) -> dict[str, str]:
    """The variables by which PostgreSQL's tools are told of a database."""
    from psycopg import pq

    names = {each.keyword.decode(): each.envvar.decode() for each in pq.Conninfo.get_defaults() if each.envvar}
    return {names[key]: str(value) for key, value in _asked(settings).items() if key in names}


def _asked(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Where a database is and how it is reached, in PostgreSQL's own words."""
    keys = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    told = {name: settings[key] for name, key in keys.items() if settings.get(key)}
    return {**told, **settings.get("OPTIONS", {})}
