"""The quarantine: payloads that could not be understood, to be looked at; the newest few, and counts of all."""

from __future__ import annotations

import sqlite3
from collections import Counter, deque
from dataclasses import dataclass

MOST = 1_000
"""Payloads kept."""

MOST_BYTES = 16_384
"""Bytes kept of one payload: all of them together take 16 MB at most."""


@dataclass(frozen=True)
class Quarantined:
    """A payload as it came at a moment (milliseconds), its first `MOST_BYTES`; ``size`` is how long it was."""

    at: int
    topic: str
    payload: bytes
    size: int
    reason: str


class Quarantine:
    """What came since the last commit."""

    def __init__(self) -> None:
        self._newest: deque[Quarantined] = deque(maxlen=MOST)
        self._counts: Counter[str] = Counter()

    def __bool__(self) -> bool:
        return bool(self._counts)

    def add(self, at: int, topic: str, payload: bytes, reason: str) -> None:
        """Keeps a payload until it is written."""
        self._newest.append(Quarantined(at, topic, payload[:MOST_BYTES], len(payload), reason))
        self._counts[reason] += 1

    def followed_by(self, later: Quarantine) -> Quarantine:
        """Both as one."""
        joined = Quarantine()
        joined._newest.extend([*self._newest, *later._newest])
        joined._counts = self._counts + later._counts
        return joined

    def write(self, connection: sqlite3.Connection) -> None:
        """Writes what came, within a transaction, and lets go of the oldest."""
        connection.executemany(
            "INSERT INTO quarantine (at, topic, payload, size, reason) VALUES (?, ?, ?, ?, ?)",
            [(each.at, each.topic, each.payload, each.size, each.reason) for each in self._newest],
        )
        connection.execute("DELETE FROM quarantine WHERE id <= (SELECT max(id) FROM quarantine) - ?", (MOST,))
        connection.executemany(
            "INSERT INTO quarantined VALUES (?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count",
            self._counts.items(),
        )


def newest(connection: sqlite3.Connection, limit: int) -> list[Quarantined]:
    """The newest payloads, newest first."""
    found = connection.execute(
        "SELECT at, topic, payload, size, reason FROM quarantine ORDER BY id DESC LIMIT ?", (limit,)
    )
    return [Quarantined(*row) for row in found]


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many payloads ever came, by reason."""
    return dict(connection.execute("SELECT reason, count FROM quarantined ORDER BY reason"))
