"""The running host: brokers on one side, the store on the other, the state machine between.

Messages are taken in the threads of the connections, one at a time. Every `COMMIT` milliseconds all that came is
written and flushed as one commit; only then is it confirmed to the agents. Where the device refuses for so long that
`WAITING` bytes are in memory, the host says at its brokers that it is offline and leaves them until all is written:
whoever waits for a primary host, as our agents do, keeps what it reads meanwhile.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

import pyarrow as pa

from shazhou.city.problem import Problem, Refused, Where
from shazhou.telemetry.host import live, spool
from shazhou.telemetry.host.before import before_of
from shazhou.telemetry.host.commanding import NOT_A_COMMAND, command
from shazhou.telemetry.host.connection import Address, Connection
from shazhou.telemetry.host.host import Host, Settings
from shazhou.telemetry.host.session import Known
from shazhou.telemetry.store.schema import EVENTS, MINUTES
from shazhou.telemetry.store.store import Store

COMMIT, LIVE, OFTEN, HOUR = 200, 2_000, 5_000, 3_600_000
"""Milliseconds between commits, words about the present, what is done often, and what is done every hour."""
AFTER = 90_000
"""Milliseconds after the end of an hour when what is done every hour begins: its last minutes have come by then."""
WAITING = 100_000_000
"""Bytes that wait in memory for a device that refuses them, beyond which no more are taken."""
AGAIN, COMPLAINT = 2_000, 60_000
"""Milliseconds until a device that refused is asked again, and between two words in the log about it."""

_log = logging.getLogger("shazhou.host")


class Application:
    """A host that runs from `start` to `stop`.

    Args:
        store: opened for writing.
        settings: of the host.
        addresses: of the brokers; each has sessions of its own.
        register: what is known of nodes.
        draw: where random moments come from.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        addresses: Sequence[Address],
        register: Mapping[str, Known],
        draw: Random | None = None,
    ) -> None:
        self.store = store
        self.host = Host(settings, store.series, store.marks(), register, before_of(store, now()), draw)
        self._lock, self._stopping = threading.Lock(), threading.Event()
        self.hourly: Callable[[], None] = lambda: None
        """Called at the start and soon after the end of every hour, in a thread of its own."""
        self.often: Callable[[], None] = lambda: None
        """Called every few seconds between, in the same thread."""
        self.connections = [self._connection(place, address) for place, address in enumerate(addresses)]
        self._threads = [threading.Thread(target=each, daemon=True) for each in (self._commits, self._duties)]
        self._told = 0
        self._away: set[int] = set()

    def start(self) -> None:
        """Connects, and begins to take and to write."""
        for connection in self.connections:
            connection.start()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Says goodbye to the brokers and writes what came until then."""
        self._stopping.set()
        # First the thread that leaves brokers and comes back to them.
        commits, duties = self._threads
        commits.join()
        for connection in self.connections:
            connection.stop()
        duties.join()
        self._commit(now())

    def enrol(self, register: Mapping[str, Known]) -> None:
        """Goes by another register from now on."""
        with self._lock:
            self.host.enrol(register)

    def _connection(self, place: int, address: Address) -> Connection:
        settings = self.host.settings
        return Connection(
            address,
            settings.host,
            settings.group,
            lambda topic, payload: self._received(place, topic, payload),
            lambda: self._lost(place),
        )

    def _received(self, place: int, topic: str, payload: bytes) -> None:
        with self._lock:
            moment = now()
            try:
                self.host.received(place, topic, payload, moment)
            except Exception:
                # A mistake of ours in one message must not stop all others; it is kept to be found.
                _log.exception("%s: not understood", topic)
                self.host.outbox.reject(moment, topic, payload, "internal")
            self._send()

    def _lost(self, place: int, why: str = "broker-lost") -> None:
        with self._lock:
            self.host.lost(place, now(), why)

    def _send(self) -> None:
        outbox = self.host.outbox
        messages, outbox.messages = outbox.messages, []
        for message in messages:
            self.connections[message.broker].send(message.topic, message.payload)

    def _commits(self) -> None:
        refused, said = "", 0
        while not self._stopping.wait((AGAIN if refused else COMMIT) / 1000):
            moment = now()
            try:
                self._commit(moment)
                refused = ""
                self._come_back()
            except Exception as error:
                # The store keeps what it could not write, and is asked again; nothing is confirmed until then.
                if repr(error) != refused or moment - said >= COMPLAINT:
                    refused, said = repr(error), moment
                    _log.exception("nothing could be written")
                if self.store.waiting > WAITING:
                    self._leave()

    def _leave(self) -> None:
        for place, connection in enumerate(self.connections):
            if place not in self._away:
                _log.error("%s: left until what waits is written", connection.address)
                self._away.add(place)
                try:
                    connection.stop()
                    self._lost(place, "host-left")
                except Exception:
                    # Whatever went wrong, the thread that writes goes on.
                    _log.exception("%s: not left as it should be", connection.address)

    def _come_back(self) -> None:
        for place in sorted(self._away):
            _log.warning("%s: what waited is written", self.connections[place].address)
            self.connections[place].start()
            self._away.discard(place)

    def _commit(self, moment: int) -> None:
        host, outbox = self.host, self.host.outbox
        with self._lock:
            try:
                host.tick(moment)
            except Exception:
                # What came is written all the same.
                _log.exception("what was due was not done")
            self._send()
            samples, marks = host.data.drain(), host.marks.moved()
            events, outbox.events = outbox.events, []
            minutes, outbox.minutes = outbox.minutes, []
            rejected, outbox.rejected = outbox.rejected, []
            told = not 0 <= moment - self._told < LIVE
            present = live.state(host, self._brokers(), moment) if told else None
        for columns in samples:
            self.store.add(samples=columns.batch())
        self.store.add(
            minutes=pa.RecordBatch.from_pylist(minutes, MINUTES) if minutes else None,
            events=pa.RecordBatch.from_pylist(events, EVENTS) if events else None,
            marks=marks,
        )
        for each in rejected:
            self.store.quarantine(each.at, each.topic, each.payload, each.reason)
        self.store.commit()
        with self._lock:
            host.marks.written(marks)
        if present is not None:
            self._told = moment
            self.store.put_live(present)
        for id, asked in spool.asked(self.store.folder):
            spool.reply(self.store.folder, id, self._commanded(asked, moment))

    def _commanded(self, asked: Any, moment: int) -> dict[str, Any]:
        """Sends a command that somebody asked for; what to answer."""
        with self._lock:
            try:
                target, metric, value = (str(asked[each]) for each in ("target", "metric", "value"))
                sent = command(self.host, target, metric, value, moment)
            except Refused as refused:
                return {"ok": False, "problems": [problem.as_dict() for problem in refused.problems]}
            except (KeyError, TypeError) as error:
                return {"ok": False, "problems": [Problem(NOT_A_COMMAND, Where(), repr(error)).as_dict()]}
            self._send()
        return {"ok": True, "metric": sent.name, "type": sent.datatype.name}

    def _brokers(self) -> dict[str, bool]:
        return {str(each.address): each.connected for each in self.connections}

    def _duties(self) -> None:
        due = 0
        while True:
            moment = now()
            is_due = moment >= due
            if is_due:
                due = next_round(moment)
            try:
                (self.hourly if is_due else self.often)()
            except Exception:
                _log.exception("what is done every hour was not done")
            if self._stopping.wait(OFTEN / 1000):
                return


def next_round(moment: int) -> int:
    """When what is done every hour is done next, after a moment in ms."""
    return moment - (moment - AFTER) % HOUR + HOUR


def now() -> int:
    """Milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000
