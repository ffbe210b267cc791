"""Engines other than DuckDB can come later: nobody but the room that owns the files knows DuckDB, and nobody sends it
SQL as text.

What is sent is always an Ibis expression; `Connection` methods that take SQL (`sql`, `raw_sql`, `execute` of a text)
and the module `duckdb` itself do not occur. The machine side is apart: its samples are no evidence of the ledger, and
the store that they lie in owns its files and its engines (DuckDB in the city, SQLite at the factory).
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from shazhou.ledger.engine import connect

SOURCE = Path(__file__).parents[2] / "src" / "shazhou"
FILES = sorted(file for file in SOURCE.rglob("*.py") if file.relative_to(SOURCE).parts[0] != "telemetry")
OWNERS = {"ledger"}
"""Rooms that may make a connection of Ibis to DuckDB; all others get it from `shazhou.ledger.engine`."""

TAKES_SQL = {"sql", "raw_sql", "executescript", "_safe_raw_sql", "from_query", "query"}


def named(file: Path) -> str:
    return file.relative_to(SOURCE).as_posix()


def problems(tree: ast.AST, owner: bool) -> list[str]:
    """What a file does that ties it to DuckDB, with its lines."""
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names) if any(name.name.split(".")[0] == "duckdb" for name in names):
                found.append(f"{node.lineno}: imports duckdb")
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] == "duckdb":
                found.append(f"{node.lineno}: imports duckdb")
            case ast.Attribute(attr="duckdb", value=ast.Name(id="ibis")) if not owner:
                found.append(f"{node.lineno}: connects to DuckDB")
            case ast.Call(func=ast.Attribute(attr=name), args=arguments):
                text = bool(arguments) and isinstance(arguments[0], (ast.Constant, ast.JoinedStr))
                if name in TAKES_SQL or (name == "execute" and text):
                    found.append(f"{node.lineno}: sends SQL")
    return found


@pytest.mark.parametrize("file", FILES, ids=named)
def test_no_file_depends_on_duckdb(file: Path) -> None:
    owner = file.relative_to(SOURCE).parts[0] in OWNERS
    assert problems(ast.parse(file.read_text(encoding="utf-8")), owner) == []


@pytest.mark.parametrize(
    "line",
    [
        "import duckdb",
        "from duckdb import connect",
        "ibis.duckdb.connect()",
        "connection.sql('select 1')",
        "connection.raw_sql(text)",
        "connection.execute('select 1')",
        "connection.execute(f'select {x}')",
    ],
)
def test_what_would_depend_on_it_is_seen(line: str) -> None:
    assert problems(ast.parse(line), owner=False)


def test_owners_may_connect() -> None:
    assert problems(ast.parse("ibis.duckdb.connect()"), owner=True) == []


def test_the_engine_draws_no_bar_over_the_results() -> None:
    connection = connect()
    assert connection.con.execute("select current_setting('enable_progress_bar')").fetchone() == (False,)
    connection.disconnect()
