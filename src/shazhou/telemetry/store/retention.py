"""Retention: how long rows are kept, and a record of what was dropped."""

from __future__ import annotations

import sqlite3
from dataclasses import astuple, dataclass
from datetime import date, timedelta
from pathlib import Path

from shazhou.city.model import RetentionRule
from shazhou.telemetry.store.filing import delete, forget, named
from shazhou.telemetry.store.journal import transaction


@dataclass(frozen=True)
class Dropped:
    """A day of one kind of rows that is no longer kept: when it was dropped (milliseconds), rows and bytes."""

    at: int
    kind: str
    day: str
    count: int
    bytes: int


def retain(folder: Path, connection: sqlite3.Connection, rule: RetentionRule, today: date, at: int) -> list[Dropped]:
    """Drops the files of days before those to keep, counted back from today, and writes down which.

    Events are kept as long as minutes: presence is decided from both.
    """
    kept = {"samples": rule.samples_days, "minutes": rule.minutes_days, "events": rule.minutes_days}
    with transaction(connection):
        files = []
        for kind, days in kept.items():
            files += named(connection, "kind = ? AND day < ?", (kind, (today - timedelta(days=days)).isoformat()))
        dropped = [Dropped(at, file.kind, file.day, file.count, file.bytes) for file in files]
        forget(connection, files)
        connection.executemany("INSERT INTO dropped VALUES (?, ?, ?, ?, ?)", [astuple(each) for each in dropped])
    delete(folder, files)
    return dropped


def dropped(connection: sqlite3.Connection) -> list[Dropped]:
    """Everything that was ever dropped, oldest first."""
    return [Dropped(*row) for row in connection.execute("SELECT * FROM dropped ORDER BY rowid")]
