"""What the host does every hour beside listening: register, presence, the ledger's days, compaction, retention.

Each is done by itself: one that fails is told of and tried again with the next hour, and stops none of the others.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from shazhou.city.model import City
from shazhou.ledger.ledger import Ledger
from shazhou.telemetry.door.deliver import deliver
from shazhou.telemetry.enrolment import Enrolled, enrolled
from shazhou.telemetry.presence.compute import compute
from shazhou.telemetry.store.store import Store

DELIVERER = "host"
LATE = 7
"""Finished days that are judged and delivered again while records of them may still come."""

_log = logging.getLogger("shazhou.host")


class Chores:
    """What is done every hour for a city over a ledger; ``enrol`` is given the register each time.

    Where there is no ledger, presence is judged of nobody and nothing is delivered.
    """

    def __init__(self, store: Store, city: City, data: Path, enrol: Callable[[Mapping[str, Enrolled]], None]) -> None:
        self._store, self._city, self._data, self._enrol = store, city, data, enrol
        self._register: Mapping[str, Enrolled] = {}
        self._judged: date | None = None
        self._ledger: Ledger | None = None
        self._head = ""
        self._unread = False

    def __call__(self) -> None:
        for each in (self._renew, self._judge, self._deliver, self._compact, self._retain):
            try:
                each()
            except Exception:
                _log.exception("an hourly duty was not done: %s", each.__name__.strip("_"))

    def renew(self) -> None:
        """Reads the register again where the ledger has grown: who enrols a key is signed for from then on."""
        try:
            if self._ledger is None and self._data.exists():
                self._ledger = Ledger.open(self._data)
            if self._ledger is not None and self._ledger.head() != self._head:
                self._renew()
            self._unread = False
        except Exception:
            if not self._unread:
                _log.exception("the register was not read again")
            self._unread = True

    def _renew(self) -> None:
        head = self._ledger.head() if self._ledger is not None else ""
        self._register = register(self._data, self._city)
        self._enrol(self._register)
        self._head = head

    def _judge(self) -> None:
        """Today and yesterday; once a day also the days before, of which minutes may have come late."""
        today = datetime.now(ZoneInfo(self._city.zone)).date()
        for ago in range(1 if self._judged == today else LATE, -1, -1):
            compute(self._store, self._city, self._register, today - timedelta(days=ago))
        self._judged = today

    def _deliver(self) -> None:
        if not self._register:
            return
        today = datetime.now(ZoneInfo(self._city.zone)).date()
        days = [today - timedelta(days=each) for each in range(LATE, 0, -1)]
        deliver(self._store, Ledger.open(self._data), self._city, days, DELIVERER, today)

    def _compact(self) -> None:
        self._store.compact(datetime.now(UTC).date())

    def _retain(self) -> None:
        self._store.retain(self._city.telemetry.retain, datetime.now(UTC).date())


def register(data: Path, city: City) -> Mapping[str, Enrolled]:
    """The enterprises in the register as joining; none where there is no ledger yet."""
    return enrolled(Ledger.open(data), city) if data.exists() else {}
