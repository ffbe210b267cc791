"""A source of readings from a Modbus TCP device: all tags read at each interval.

Modbus knows no time: a reading's is the moment of its answer. A device that refuses a whole range, since it has a hole
where nobody asked, is asked for each tag alone from then on; a tag that it refuses even so is BAD while others go on.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager

from pymodbus import ModbusException
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.pdu import ModbusPDU

from shazhou.city.problem import Problem
from shazhou.telemetry.edge.source import Clock, Emit, NotReadable, Reading, Report
from shazhou.telemetry.edge.sources.connection import keep_connected, obey
from shazhou.telemetry.edge.sources.modbus.address import BITS, Address, NotAnAddress, address, value
from shazhou.telemetry.edge.sources.modbus.options import ModbusOptions
from shazhou.telemetry.edge.sources.modbus.plan import Request, requests
from shazhou.telemetry.edge.sources.rules import BAD_VALUE, UNREACHABLE, WRONG_TAG, Reason, problem, said
from shazhou.telemetry.sparkplug.payload import BAD, GOOD

# The library reports every lost connection itself; the agent says it in one line.
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
_LOG = logging.getLogger(__name__)


class ModbusSource:
    """See `shazhou.telemetry.edge.sources.modbus.options`."""

    def __init__(self, options: ModbusOptions, tags: Collection[str], clock: Clock) -> None:
        self._options, self._tags, self._clock = options, tuple(tags), clock
        self._address = f"{options.host}:{options.port}"
        self._client: AsyncModbusTcpClient | None = None
        self._places: dict[str, Address] = {}
        self._malformed: dict[str, Reason] = {}
        for tag in self._tags:
            try:
                self._places[tag] = address(tag, options.unit)
            except NotAnAddress as error:
                self._malformed[tag] = error.reason
        self._requests = requests(self._places.items(), options.gap, options.registers)

    async def run(self, emit: Emit) -> None:
        async def session(connected: Callable[[], None]) -> None:
            async with self._connected() as client:
                connected()
                self._client = client
                try:
                    await self._poll(client, emit)
                finally:
                    self._client = None

        await keep_connected(self._address, session, emit, self._tags, self._clock)

    async def check(self) -> Report:
        problems = [problem(WRONG_TAG, self._address, tag, reason) for tag, reason in self._malformed.items()]
        samples: list[Reading] = []
        try:
            async with self._connected() as client:
                count = len(self._requests)
                await self._all(client, samples.append)
        except (OSError, ModbusException) as error:
            problems.append(problem(UNREACHABLE, self._address, said(error)))
            return Report(problems=tuple(problems))
        problems += [self._refused(sample) for sample in samples if sample.quality != GOOD]
        return Report((f"{self._address}: {count} requests",), tuple(samples), tuple(problems))

    async def read(self, tag: str) -> Reading:
        client, place = self._client, self._places.get(tag)
        if client is None or place is None:
            raise NotReadable("not connected" if client is None else f"no address {tag}")
        heard: list[Reading] = []
        alone = Request(place.unit, place.table, place.start, place.count, ((tag, place),))
        try:
            await self._request(client, alone, heard.append)
        except (OSError, ModbusException) as error:
            raise NotReadable(said(error)) from error
        return heard[0]

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncModbusTcpClient]:
        options = self._options
        client = AsyncModbusTcpClient(
            options.host, port=options.port, timeout=options.timeout, retries=1, reconnect_delay=0
        )
        try:
            if not await client.connect():
                raise ConnectionError("no connection")
            yield client
        finally:
            client.close()

    async def _poll(self, client: AsyncModbusTcpClient, emit: Emit) -> None:
        """Reads everything at each interval, and leaves one out rather than running after time."""
        for tag in self._malformed:
            emit(Reading(tag, None, self._clock(), BAD))
        due = time.monotonic()
        while True:
            await self._all(client, emit)
            obey()
            due = max(due + self._options.interval, time.monotonic())
            await asyncio.sleep(due - time.monotonic())

    async def _all(self, client: AsyncModbusTcpClient, emit: Emit) -> None:
        for request in tuple(self._requests):
            if not await self._request(client, request, emit):
                _LOG.warning("%s: %s refused as a whole, read tag by tag", self._address, request.table)
                apart = list(request.apart())
                self._requests.remove(request)
                self._requests.extend(apart)
                for one in apart:
                    await self._request(client, one, emit)

    async def _request(self, client: AsyncModbusTcpClient, request: Request, emit: Emit) -> bool:
        """Emits what the request brings; False for a refusal that asking for each tag alone may get round."""
        answer = await _ask(client, request)
        at = self._clock()
        if answer.isError():
            if len(request.tags) > 1:
                return False
            emit(Reading(request.tags[0][0], None, at, BAD))
            return True
        for tag, place in request.tags:
            offset = place.start - request.start
            if place.table in BITS:
                emit(Reading(tag, bool(answer.bits[offset]), at))
            else:
                registers = answer.registers[offset : offset + place.count]
                emit(Reading(tag, value(registers, place, self._options.word_order, self._options.byte_order), at))
        return True

    def _refused(self, sample: Reading) -> Problem:
        return problem(BAD_VALUE, self._address, sample.tag, ("设备以异常应答", "the device answers with an exception"))


async def _ask(client: AsyncModbusTcpClient, request: Request) -> ModbusPDU:
    call = {
        "holding": client.read_holding_registers,
        "input": client.read_input_registers,
        "coil": client.read_coils,
        "discrete": client.read_discrete_inputs,
    }[request.table]
    return await call(request.start, count=request.count, device_id=request.unit)
