"""The agent: sources emit readings, which become records in the buffer, which the publisher sends.

Everything runs in one asyncio loop. What was read since the last tick is committed by the next one, in one transaction;
a sample counts as taken when it is committed, and from then on it arrives.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import ssl
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from shazhou import __version__
from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.telemetry.edge.births import Identity, described
from shazhou.telemetry.edge.buffer import Buffer, Kind
from shazhou.telemetry.edge.command import Ask
from shazhou.telemetry.edge.config import EdgeConfig, Tls
from shazhou.telemetry.edge.gateway import gateway
from shazhou.telemetry.edge.keys import key_of, public_text
from shazhou.telemetry.edge.mapping import Measurement, TagMapping
from shazhou.telemetry.edge.publisher import Connection, Publisher
from shazhou.telemetry.edge.record import by_name, minute_body, pulse_body, raw_body
from shazhou.telemetry.edge.rollup import Rollup
from shazhou.telemetry.edge.source import ALIVE, Clock, NotReadable, Reading, Source
from shazhou.telemetry.minute import Minute, sign

TICK = 0.25
"""Seconds between two commits."""
READ_WITHIN = 20.0
"""Seconds that a source has to read a tag for the host."""
MOST_METRICS = 200
"""Metrics of one record, so that a message stays below the 20,480 bytes that rumqttd takes if nobody says otherwise; a
long text counts as several."""
_TEXT = 16
"""Characters of a text that count as one metric."""
BUFFER_FILE = "buffer.sqlite"

BAD_TLS = Rule(
    "edge-certificate-unusable",
    "The certificates for the broker cannot be used: {found}.",
    "无法使用连接消息服务器的证书：{found}。",
    "Check the files under broker.tls: PEM, and the key belongs to the certificate.",
    "请检查 broker.tls 下的文件：应为 PEM 格式，且密钥与证书相符。",
)

_ALLOWED = {"full": (Kind.RAW, Kind.ROLLUP), "rollup": (Kind.ROLLUP,), "pulse": (Kind.PULSE,)}
_RESTART = 5.0
_COMMITS = ThreadPoolExecutor(8, "commit")
"""Threads of their own, since those of the loop may all be waiting for a broker that does not answer."""
_LOG = logging.getLogger(__name__)


def now_ms() -> int:
    """The computer's time in milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


class Agent:
    """An edge node with its equipment.

    Args:
        config: what its file says.
        folder: of that file.
        sources: by name, instead of those of the file.
        clock: the present moment.
        hardware: what tells its gateway from others; that of this computer by default.
        tick: seconds between two commits.

    Raises:
        Refused: the buffer, the key, a certificate or the password cannot be used.
    """

    def __init__(
        self,
        config: EdgeConfig,
        folder: Path,
        sources: Mapping[str, Source] | None = None,
        clock: Clock = now_ms,
        hardware: str = "",
        tick: float = TICK,
    ) -> None:
        self._config, self._clock, self._tick = config, clock, tick
        self._mapping = TagMapping(config)
        self._targets = {(each.device, each.metric): each for each in self._mapping.targets()}
        made = sources if sources is not None else self._sources(folder)
        self._sources_by_name = {name: made[name] for name in config.sources if self._mapping.tags(name)}
        var = folder / config.folder
        connection = connection_of(config, folder)
        self.key = key_of(var)
        bounds = config.buffer
        self.buffer = Buffer(var / BUFFER_FILE, int(bounds.megabytes * 1e6), int(bounds.days * 86_400_000))
        hardware = hardware or gateway()
        self.buffer.stand_on(hardware)
        self.buffer.keep_only(_ALLOWED[config.mode])
        announced = tuple(described(config.mode, config.equipment, self._targets.values()))
        aliases = self.buffer.aliases(announced)
        self._aliases = by_name(aliases)
        identity = Identity(
            config.mode,
            config.origin,
            hardware,
            config.shifts,
            public_text(self.key),
            f"shazhou {__version__}",
        )
        self.publisher = Publisher(
            config.city,
            config.enterprise,
            config.host,
            connection,
            self.buffer,
            aliases,
            tuple(config.equipment) if config.mode != "pulse" else (),
            identity,
            config.window,
            self._answer if config.mode == "full" else None,
            clock,
        )
        self._raw: dict[str, list[Measurement]] = {device: [] for device in config.equipment}
        self._rollups = {device: self._rollup(device) for device in config.equipment}
        self._pulse: dict[int, list[Minute]] = {}
        self._trouble = ""
        self.taken = 0
        """Readings that were mapped so far."""

    async def run(self) -> None:
        """Reads, keeps and sends until cancelled; then commits what it has and gives the buffer back."""
        tasks = [asyncio.create_task(self._read(name, source)) for name, source in self._sources_by_name.items()]
        tasks.append(asyncio.create_task(self.publisher.run()))
        try:
            while True:
                await asyncio.wait(tasks, timeout=self._tick, return_when=asyncio.FIRST_EXCEPTION)
                for task in tasks:
                    if task.done():
                        task.result()
                now = self.collect()
                if self.buffer.due(now):
                    await asyncio.get_running_loop().run_in_executor(_COMMITS, self._commit, now)
                    self.publisher.wake()
        except sqlite3.DatabaseError as error:
            raise self.buffer.damaged(error) from None
        finally:
            # More than once: before Python 3.12 asyncio.wait_for, on which the MQTT client builds, forgets a
            # cancellation that comes at the moment at which it is done anyway.
            while running := [task for task in tasks if not task.done()]:
                for task in running:
                    task.cancel()
                await asyncio.wait(running, timeout=3)
            self._commit(self.collect())
            self.buffer.close()

    def emit(self, source: str, reading: Reading) -> None:
        """Takes a reading of a source."""
        now = self._clock()
        if reading.tag == ALIVE:
            for device in self._mapping.devices(source):
                self._rollups[device].alive(now)
            return
        for measurement in self._mapping.measurements(source, reading):
            self._rollups[measurement.device].take(measurement, now)
            self.taken += 1
            if self._config.mode == "full":
                self._raw[measurement.device].append(measurement)

    def collect(self) -> int:
        """Makes records, to be committed, of what came since the last time and of the minutes that ended; gives now."""
        now = self._clock()
        for device, measurements in self._raw.items():
            if measurements:
                self._append_raw(device, measurements, now)
                measurements.clear()
        for rollup in self._rollups.values():
            for minute in rollup.close(now):
                self._append_minute(minute, now)
        return now

    def _commit(self, now: int) -> None:
        """A disk that is full may be emptied, so that what cannot be kept now is tried again."""
        try:
            self.buffer.commit(now)
            self._trouble = ""
        except sqlite3.OperationalError as error:
            if str(error) != self._trouble:
                _LOG.error("%s: nothing can be kept: %s", self._config.enterprise, error)
            self._trouble = str(error)

    def _append_raw(self, device: str, measurements: list[Measurement], now: int) -> None:
        """Records in which no metric stands twice, so that each metric's order is that of the records."""
        record: dict[str, Measurement] = {}
        weight = 0
        for each in measurements:
            weight += 1 + (len(each.value) // _TEXT if isinstance(each.value, str) else 0)
            if each.metric in record or (weight > MOST_METRICS and record):
                self.buffer.append(Kind.RAW, device, now, raw_body(device, record.values(), self._aliases))
                record, weight = {}, 1
            record[each.metric] = each
        self.buffer.append(Kind.RAW, device, now, raw_body(device, record.values(), self._aliases))

    def _append_minute(self, minute: Minute, now: int) -> None:
        if self._config.mode != "pulse":
            body = minute_body(sign(minute, self.key), self._aliases)
            self.buffer.append(Kind.ROLLUP, minute.device, now, body)
            return
        together = self._pulse.setdefault(minute.at, [])
        together.append(minute)
        if len(together) == len(self._rollups):
            self.buffer.append(Kind.PULSE, "", now, pulse_body(self._pulse.pop(minute.at), self._aliases))

    async def _read(self, name: str, source: Source) -> None:
        """Runs a source, again when it should have ended."""
        while True:
            try:
                await source.run(lambda reading: self.emit(name, reading))
            except Exception:  # one broken source must not stop the others
                _LOG.exception("%s: source %s", self._config.enterprise, name)
            await asyncio.sleep(_RESTART)

    async def _answer(self, ask: Ask) -> str:
        """What a tag says now, for the host, as the JSON of ANSWER; no value where it cannot be had."""
        value, at = None, self._clock()
        found = self._mapping.tag_of(ask.device, ask.metric)
        if found is not None:
            source, tag, target = found
            try:
                async with asyncio.timeout(READ_WITHIN):
                    measurement = target.measurement(await self._sources_by_name[source].read(tag))
                value, at = measurement.value, measurement.at
            except (NotReadable, TimeoutError) as error:
                _LOG.info("%s: %s cannot be read: %s", self._config.enterprise, tag, error)
        answer = {"device": ask.device, "metric": ask.metric, "nonce": ask.nonce, "value": value, "at": at}
        return json.dumps(answer, ensure_ascii=False)

    def _sources(self, folder: Path) -> dict[str, Source]:
        return {
            name: options.source(self._mapping.tags(name), folder, self._clock)
            for name, options in self._config.sources.items()
        }

    def _rollup(self, device: str) -> Rollup:
        metrics = self._config.equipment[device]
        planned = metrics.get("Cycle/Planned")
        rollovers = {
            name: options.rollover and options.rollover * self._factor(device, name)
            for name, options in metrics.items()
        }
        return Rollup(
            self._config.enterprise,
            device,
            rollovers,
            int(self._config.silence * 1000),
            int(self._config.lateness * 1000),
            self._clock(),
            planned.constant if planned else None,
        )

    def _factor(self, device: str, metric: str) -> float:
        target = self._targets.get((device, metric))
        return target.factor if target else 1.0


def connection_of(config: EdgeConfig, folder: Path) -> Connection:
    """How the file says that the broker is reached.

    Raises:
        Refused: the password or a certificate cannot be used.
    """
    broker = config.broker
    tls = _tls(broker.tls, folder) if broker.tls else None
    return Connection(broker.host, broker.port, broker.username, broker.password(folder), tls, broker.keepalive)


def _tls(files: Tls, folder: Path) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=str(folder / files.ca) if files.ca else None)
        if files.certificate:
            context.load_cert_chain(folder / files.certificate, folder / files.key if files.key else None)
    except (OSError, ssl.SSLError) as error:
        raise Refused([Problem(BAD_TLS, Where(), str(error))]) from None
    return context
