"""MTConnect over HTTP. There is no agent here that others wrote: a small one in this file answers in the standard's
documents, made from a real device model and a real log, with the standard's rules about sequence numbers."""

from __future__ import annotations

import asyncio
import gzip
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

import pytest
from listening import now, running
from waiting import awaited

from shazhou.telemetry.edge.source import ALIVE, NotReadable
from shazhou.telemetry.edge.sources.mtconnect.agent import AgentSource
from shazhou.telemetry.edge.sources.mtconnect.condition import Conditions
from shazhou.telemetry.edge.sources.mtconnect.model import DataItem, model_at
from shazhou.telemetry.edge.sources.mtconnect.options import AgentOptions
from shazhou.telemetry.edge.sources.mtconnect.shdr import Parser
from shazhou.telemetry.edge.sources.mtconnect.streams import streams
from shazhou.telemetry.names import State
from shazhou.telemetry.sparkplug.payload import BAD

RECORDED = Path(__file__).parents[3] / "examples" / "telemetry"
MODEL = RECORDED / "mtconnect_demo_devices.xml"
AT = "2022-08-08T13:51:36.771Z"
BOUNDARY = "a8e12eced4fb871ac096a99bf9728425"


class Agent:
    """Observations (item id, text, moment) with numbers from 1 on, of which the last ``buffer`` are kept."""

    def __init__(self, buffer: int = 100_000, version: str = "2.0") -> None:
        self.observations: list[tuple[str, str, str]] = []
        self.buffer, self.version, self.instance = buffer, version, 1
        self.streaming = True
        agent = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                agent.answer(self)

            def log_message(self, *_: object) -> None:
                """Nothing is logged."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def say(self, item: str, text: str, at: str = AT) -> None:
        self.observations.append((item, text, at))

    @property
    def first(self) -> int:
        return max(1, len(self.observations) - self.buffer + 1)

    def document(self, rows: list[tuple[int, tuple[str, str, str]]]) -> str:
        elements = "".join(
            f'<Thing dataItemId="{item}" sequence="{number}" timestamp="{at}">{escape(text)}</Thing>'
            if not text.startswith("<")
            else text.replace("<", "<m:", 1).replace(
                "/>", f' dataItemId="{item}" sequence="{number}" timestamp="{at}"/>'
            )
            for number, (item, text, at) in rows
        )
        following = rows[-1][0] + 1 if rows else len(self.observations) + 1
        return (
            f'<m:MTConnectStreams xmlns="urn:mtconnect.org:MTConnectStreams:{self.version}" '
            f'xmlns:m="urn:mtconnect.org:MTConnectStreams:{self.version}"><m:Header instanceId="{self.instance}" '
            f'firstSequence="{self.first}" nextSequence="{following}" bufferSize="{self.buffer}"/>'
            f"<m:Streams>{elements}</m:Streams></m:MTConnectStreams>"
        )

    def sample(self, start: int, count: int) -> str:
        if not self.first <= start <= len(self.observations) + 1:
            return '<MTConnectError><Errors><Error errorCode="OUT_OF_RANGE">from</Error></Errors></MTConnectError>'
        rows = list(enumerate(self.observations, 1))[start - 1 : start - 1 + count]
        return self.document(rows)

    def current(self) -> str:
        newest = {row[1][0]: row for row in enumerate(list(self.observations), 1)}
        rows = sorted(newest.values(), reverse=True)
        made = self.document(rows)
        return made.replace(
            f'nextSequence="{rows[-1][0] + 1 if rows else 1}"', f'nextSequence="{len(self.observations) + 1}"'
        )

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path.endswith("probe"):
            self.send(request, MODEL.read_text(encoding="utf-8"))
        elif parts.path.endswith("current"):
            self.send(request, self.current())
        else:
            start, count = int(asked["from"]), int(asked["count"])
            document = self.sample(start, count)
            if "OUT_OF_RANGE" in document:
                self.send(request, document, 404)
            else:
                self.stream(request, start, count, float(asked["heartbeat"]) / 1000)

    @staticmethod
    def send(request: BaseHTTPRequestHandler, document: str, status: int = 200) -> None:
        content = document.encode()
        request.send_response(status)
        request.send_header("Content-Type", "text/xml")
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    def stream(self, request: BaseHTTPRequestHandler, start: int, count: int, heartbeat: float) -> None:
        request.send_response(200)
        request.send_header("Content-Type", f"multipart/x-mixed-replace;boundary={BOUNDARY}")
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        beaten = time.monotonic()
        try:
            while self.streaming:
                if len(self.observations) < start and time.monotonic() - beaten < heartbeat:
                    time.sleep(0.01)
                    continue
                beaten = time.monotonic()
                content = self.sample(start, count).encode()
                start = min(start + count, len(self.observations) + 1)
                part = b"--%s\r\nContent-type: text/xml\r\nContent-length: %d\r\n\r\n%s\r\n" % (
                    BOUNDARY.encode(),
                    len(content),
                    content,
                )
                for piece in (part[:50], part[50:]):
                    request.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            request.wfile.write(b"0\r\n\r\n")
        except OSError:
            request.close_connection = True


@pytest.fixture
def agent() -> Iterator[Agent]:
    made = Agent()
    yield made
    made.streaming = False
    made.server.shutdown()
    made.server.server_close()


def source(agent: Agent, *tags: str, **options: float) -> AgentSource:
    made = AgentOptions(kind="mtconnect", url=f"http://127.0.0.1:{agent.port}", device="OKUMA", **options)
    return AgentSource(made, tags, now)


def test_a_lathes_log_comes_in_order_and_whole(agent: Agent) -> None:
    """In documents of 100 observations, from what holds at the beginning to the last."""
    items = model_at(MODEL, "OKUMA")
    parser = Parser(items)
    ids = {word: item.id for item in items.values() for word in item.words}
    with gzip.open(RECORDED / "okuma_lathe_shdr.txt.gz", "rt", encoding="utf-8") as log:
        said = [reading for line in log for reading in parser.readings(line, 7) if reading.tag in ids][:3000]

    async def scenario() -> None:
        agent.say(ids["avail"], "AVAILABLE")
        async with running(source(agent, "Z1actw", "State", count=100)) as heard:
            await awaited(lambda: heard.of("State") == [State.NOT_EXECUTING])
            for reading in said:
                agent.say(ids[reading.tag], "UNAVAILABLE" if reading.value is None else str(reading.value))
            positions = [reading.value for reading in said if reading.tag == "Z1actw"]
            different = [at for at in range(len(positions)) if at == 0 or positions[at] != positions[at - 1]]
            await awaited(lambda: heard.of("Z1actw") == [positions[at] for at in different])
            assert State.EXECUTING in heard.of("State")

    asyncio.run(scenario())


def test_observations_are_handed_on_by_number_not_by_component() -> None:
    """A document groups by component: read as it stands, a stop came before the start."""
    agent = Agent()
    for word in ("ACTIVE", "STOPPED", "ACTIVE"):
        agent.say("e", word)
    document = agent.document(list(reversed(list(enumerate(agent.observations, 1)))))
    read = streams(document.encode(), {}, Conditions(), 7)
    assert [reading.value for reading in read.readings] == ["ACTIVE", "STOPPED", "ACTIVE"]
    agent.server.server_close()


def test_who_comes_too_late_is_told_and_goes_on_from_what_holds(agent: Agent) -> None:
    """OUT_OF_RANGE: the agent's buffer went round while the line was slow."""

    async def scenario() -> None:
        agent.buffer = 5
        agent.say("Lpexecution", "READY")
        made = source(agent, "pexecution", "State", heartbeat=1)
        current, stolen = agent.current, threading.Event()

        def slow() -> str:
            document = current()
            if not stolen.is_set():
                stolen.set()
                for _ in range(10):
                    agent.say("LS1speed", "1")
                agent.say("Lpexecution", "ACTIVE")
            return document

        agent.current = slow  # type: ignore[method-assign]
        async with running(made) as heard:
            await awaited(lambda: heard.of("State") == [State.NOT_EXECUTING, State.EXECUTING])
            assert made.gaps == 1
            assert BAD not in [reading.quality for reading in heard], "the connection was never lost"

    asyncio.run(scenario())


def test_an_agent_started_anew_is_begun_anew(agent: Agent) -> None:
    """Its numbers begin at 1 again; going on from the old ones would wait for days."""

    async def scenario() -> None:
        for _ in range(50):
            agent.say("Lpexecution", "READY")
        async with running(source(agent, "pexecution", heartbeat=1)) as heard:
            await awaited(lambda: heard.of("pexecution") == ["READY"])
            agent.instance = 2
            del agent.observations[:]
            agent.say("Lpexecution", "ACTIVE")
            await awaited(lambda: heard.of("pexecution")[-1] == "ACTIVE")
        assert heard.of("pexecution") == ["READY", "ACTIVE"]

    asyncio.run(scenario())


def test_a_quiet_agent_is_alive_and_a_dead_one_is_not(agent: Agent) -> None:
    async def scenario() -> None:
        agent.say("Lavail", "AVAILABLE")
        async with running(source(agent, "avail", heartbeat=1)) as heard:
            await awaited(lambda: any(reading.tag == ALIVE for reading in heard))
            agent.streaming = False
            await awaited(lambda: heard.quality("avail") == BAD)
            agent.streaming = True
            await awaited(lambda: len(heard.of("avail")) == 2)
        assert heard.of("avail") == ["AVAILABLE"] * 2

    asyncio.run(scenario())


def test_conditions_are_levels_and_unavailable_is_bad(agent: Agent) -> None:
    items = {"c": DataItem("c", "CONDITION", "SYSTEM"), "x": DataItem("x", "SAMPLE", "LOAD")}
    for text in ('<Fault nativeCode="1"/>', '<Warning nativeCode="2"/>', '<Normal nativeCode="1"/>', "<Unavailable/>"):
        agent.say("c", text)
    agent.say("x", "UNAVAILABLE")
    read = streams(agent.sample(1, 100).encode(), items, Conditions(), 7)
    assert [reading.value for reading in read.readings] == ["FAULT", "FAULT", "WARNING", None, None]
    assert read.readings[-1].quality == BAD


def test_an_observation_from_before_the_question_answered_it(agent: Agent) -> None:
    """The agent keeps what the machine said last, also of one that is gone."""

    async def scenario() -> None:
        agent.say("LS1speed", "1200")
        asked = asyncio.create_task(source(agent, "S1speed").read("S1speed"))
        await asyncio.sleep(0.3)
        assert not asked.done()
        agent.say("LS1speed", "1300", datetime.now(UTC).isoformat())
        assert (await asked).value == 1300.0

    asyncio.run(scenario())


def test_check_asks_for_what_holds_now(agent: Agent) -> None:
    async def scenario() -> None:
        agent.say("LS1speed", "1200")
        made = source(agent, "S1speed", "nothing")
        with pytest.raises(NotReadable):
            await made.read("nothing")
        report = await made.check()
        assert [(problem.rule.id, problem.found) for problem in report.problems] == [("tag-not-found", "nothing")]
        assert [(sample.tag, sample.value) for sample in report.samples] == [("S1speed", 1200.0)]
        listed = (await source(agent).check()).reached
        assert "Lavail avail (AVAILABILITY)" in listed

    asyncio.run(scenario())


def test_what_answers_but_is_no_agent_is_a_problem(agent: Agent) -> None:
    async def scenario() -> None:
        agent.answer = lambda request: agent.send(request, "<html><body>Router</body></html>")  # type: ignore[method-assign]
        report = await source(agent, "x").check()
        assert [problem.rule.id for problem in report.problems] == ["source-unreachable"]
        assert "html" in report.problems[0].found

    asyncio.run(scenario())
