"""``shazhou edge``: what it prints, how it ends, and what it loses when it is killed."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import iotcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from scripted_host import config, host, now, running
from shell import COMMAND, shazhou
from waiting import awaited, free_port

from shazhou.telemetry import names
from shazhou.telemetry.edge.buffer import depth_of
from shazhou.telemetry.edge.keys import key_of, public_text
from shazhou.telemetry.edge.source import Reading


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with iotcore.Broker(port=free_port(), listen="127.0.0.1") as broker:
        yield broker.port


def written(folder: Path, port: int, node: str, mode: str = "full") -> Path:
    path = folder / "edge.yaml"
    path.write_text(
        f"""\
city: town
enterprise: {node}
host: {node}
mode: {mode}
origin: simulated
broker: {{address: "127.0.0.1:{port}", keepalive: 5}}
sources:
  workshop: {{kind: example, every: 0.02}}
equipment:
  press:
    State: {{source: workshop, tag: state}}
    Power/Active: {{source: workshop, tag: power}}
""",
        encoding="utf-8",
    )
    return path


def test_the_check_says_what_is_reached_and_what_would_be_sent(port: int, tmp_path: Path) -> None:
    done = shazhou("edge", "check", written(tmp_path, port, "checked", "rollup"))
    assert done.status == 0, done.err
    assert "press  Power/Active = " in done.out and "proves at most" in done.out and "L4" in done.out
    assert "Minute/digest" in done.out and "Power/Active, " not in done.out
    answer = shazhou("edge", "check", tmp_path / "edge.yaml", "--json").json
    assert (answer["ok"], answer["highest"], answer["sources"][0]["kind"]) == (True, 4, "example")
    assert not (tmp_path / "var").exists(), "a check leaves nothing behind"


def test_a_check_that_finds_something_wrong_fails(tmp_path: Path) -> None:
    done = shazhou("edge", "check", written(tmp_path, free_port(), "checked"))
    assert done.status == 1 and "edge-broker-unreachable" in done.err
    wrong = (tmp_path / "edge.yaml").read_text(encoding="utf-8").replace("mode: full", "mode: all")
    (tmp_path / "edge.yaml").write_text(wrong, encoding="utf-8")
    done = shazhou("edge", "check", tmp_path / "edge.yaml")
    assert done.status == 1 and "edge.yaml:4 mode" in done.err


def test_the_key_is_the_one_that_signs(tmp_path: Path) -> None:
    done = shazhou("edge", "key", written(tmp_path, 1, "keyed"))
    assert done.out.strip() == public_text(key_of(tmp_path / "var"))


def test_the_status_is_of_the_buffer(tmp_path: Path) -> None:
    done = shazhou("edge", "status", written(tmp_path, 1, "none"))
    assert done.status == 1 and "edge-not-run" in done.err
    folder = tmp_path / "var"

    async def test() -> None:
        async with running(config(free_port(), "none", folder="var"), tmp_path) as (agent, source):
            source.emit(Reading("parts", 1, now()))
            await awaited(lambda: agent.buffer.last == 1)
            answer = await asyncio.to_thread(shazhou, "edge", "status", tmp_path / "edge.yaml", "--json")
            assert (answer.json["records"], answer.json["raw"], answer.json["confirmed"]) == (1, 1, 0)

    asyncio.run(test())
    assert "records 记录 1 (raw 原始 1)" in shazhou("edge", "status", tmp_path / "edge.yaml").out
    assert depth_of(folder / "buffer.sqlite").last == 1


@asynccontextmanager
async def agent(file: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        str(COMMAND), "edge", "run", str(file), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.slow
def test_an_agent_that_is_killed_loses_nothing_that_it_had_kept(port: int, tmp_path: Path) -> None:
    file = written(tmp_path, port, "killed")

    async def test() -> None:
        async with asyncio.timeout(90), host(port, "killed") as city:
            await city.online()
            for turn in range(3):
                before = city.mark
                async with agent(file) as process:
                    await awaited(lambda before=before: city.mark > before + 12)
                    city.deaf = turn == 1  # the host is away while the agent goes on, is killed and comes again
                    await asyncio.sleep(0.3)
                    process.kill()
                city.deaf = False
            async with agent(file) as process:
                births = len(city.of("NBIRTH"))
                await awaited(lambda: len(city.of("NBIRTH")) > births)
                process.terminate()
                assert await process.wait() == 0, "asked to stop, it stops in good order"
                await awaited(lambda: city.heard[-1].type == "NDEATH")
            depth = depth_of(tmp_path / "var" / "buffer.sqlite")
            taken = [each.number for each in city.taken]
            assert taken == list(range(1, taken[-1] + 1)), "each once, in order"
            assert depth.last - taken[-1] <= depth.records, "what has not arrived is still kept"
            times = [each.metrics["State"].at for each in city.taken]
            assert times == sorted(set(times)), "no sample twice"
            assert [each.metrics[names.BDSEQ].value for each in city.of("NBIRTH")] == [0, 1, 2, 3]

    asyncio.run(test())


def certificates(folder: Path) -> None:
    """A certificate for localhost that is its own authority."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name.from_rfc4514_string("CN=localhost")
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, today - timedelta(days=1), today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        .sign(key, hashes.SHA256())
    )
    (folder / "ca.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *private))


@asynccontextmanager
async def behind_tls(port: int, folder: Path) -> AsyncIterator[int]:
    """The broker behind TLS, as it would be in a city."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.pem", folder / "key.pem")

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            writer.write(data)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(copy(reader, inner_writer), copy(inner_reader, writer), return_exceptions=True)

    server = await asyncio.start_server(serve, "localhost", 0, ssl=context)
    yield server.sockets[0].getsockname()[1]
    server.close()


def test_tls_is_spoken_with_a_broker_that_the_authority_vouches_for_and_no_other(port: int, tmp_path: Path) -> None:
    certificates(tmp_path)
    (tmp_path / "other").mkdir()
    certificates(tmp_path / "other")

    async def test() -> None:
        async with asyncio.timeout(50), behind_tls(port, tmp_path) as secure, host(port, "tls") as city:
            await city.online()
            for authority, connected in (("other/ca.pem", False), ("ca.pem", True)):
                broker = {"address": f"localhost:{secure}", "tls": {"ca": authority}}
                async with running(config(port, "tls", broker=broker), tmp_path) as (made, _):
                    if connected:
                        await awaited(lambda: city.of("NBIRTH"))
                    else:
                        await asyncio.sleep(0.5)
                    assert made.publisher.connected == connected

    asyncio.run(test())


REFUSING = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {heavy!r}:
            raise ImportError(name)
sys.meta_path.insert(0, Refuse())
"""
SERVER = ("duckdb", "pyarrow", "deltalake", "numpy", "django", "iotcore", "openpyxl", "typst", "pandas")


def without(heavy: tuple[str, ...], code: str) -> subprocess.CompletedProcess[str]:
    """Runs code where some libraries cannot be imported."""
    code = REFUSING.format(heavy=heavy) + code
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_the_agent_needs_the_base_install_alone_and_no_library_of_a_source_that_it_has_not() -> None:
    done = without((*SERVER, "asyncua", "pymodbus"), "import shazhou.cli.edge, shazhou.telemetry.edge.check")
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_every_source_needs_the_base_install_alone() -> None:
    walked = """
import pkgutil, importlib, shazhou.telemetry.edge
for each in pkgutil.walk_packages(shazhou.telemetry.edge.__path__, "shazhou.telemetry.edge."):
    importlib.import_module(each.name)
"""
    done = without(SERVER, walked)
    assert done.returncode == 0, done.stderr
