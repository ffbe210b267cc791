"""The configuration for Mosquitto: what stands in it, and that Mosquitto keeps enterprises apart by it."""

from __future__ import annotations

import base64
import getpass
import hashlib
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from paho.mqtt.enums import CallbackAPIVersion
from waiting import free_port, until

from shazhou.city.problem import Refused
from shazhou.telemetry.broker.mosquitto import Server, rights, write
from shazhou.telemetry.host.connection import Address, Connection

MOSQUITTO = shutil.which("mosquitto") or "/usr/sbin/mosquitto"


def server(folder: Path, port: int = 8883) -> Server:
    return Server("127.0.0.1", port, folder / "server.pem", folder / "server.key")


def test_passwords_are_kept_as_hashes_and_made_once(tmp_path: Path) -> None:
    made = write(tmp_path, server(tmp_path), "city", "host", ["a", "b"])
    assert set(made) == {"host", "a", "b"} and len(set(made.values())) == 3
    text = (tmp_path / "passwords").read_text()
    assert not any(secret in text for secret in made.values())
    assert (tmp_path / "passwords").stat().st_mode & 0o077 == 0
    line = next(line for line in text.splitlines() if line.startswith("a:"))
    _, kind, rounds, salt, digest = line.split("$")
    again = hashlib.pbkdf2_hmac("sha512", made["a"].encode(), base64.b64decode(salt), int(rounds))
    assert kind == "7" and base64.b64decode(digest) == again
    assert set(write(tmp_path, server(tmp_path), "city", "host", ["b", "c"])) == {"c"}
    users = [line.partition(":")[0] for line in (tmp_path / "passwords").read_text().splitlines()]
    assert users == ["host", "b", "c"], "who left the register has no access"
    assert line not in (tmp_path / "passwords").read_text()


@pytest.mark.parametrize("name", ["host", "", "a/b", "a+", "#", "a b", "a:b", "a\nuser host"])
def test_a_name_that_would_give_other_rights_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match="not-a-node-id"):
        write(tmp_path, server(tmp_path), "city", "host", ["a", name])
    assert not list(tmp_path.iterdir())


def test_rights_of_a_node_name_that_node_alone() -> None:
    part = rights("city", "host", ["a", "b"]).split("user a\n")[1].split("user b")[0]
    lines = part.strip().splitlines()
    assert all("/a" in line or line == "topic read spBv1.0/STATE/host" for line in lines)
    assert "topic write spBv1.0/city/DDATA/a/+" in lines and "topic read spBv1.0/city/NCMD/a" in lines


@dataclass
class Running:
    """A Mosquitto that runs by the configuration, and the passwords."""

    port: int
    authority: Path
    passwords: dict[str, str]

    def client(self, user: str, password: str | None = None, id: str = "") -> mqtt.Client:
        made = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=id or f"test-{user}")
        made.username_pw_set(user, self.passwords[user] if password is None else password)
        made.tls_set_context(ssl.create_default_context(cafile=str(self.authority)))
        return made


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Running]:
    if not Path(MOSQUITTO).exists():
        pytest.fail("Mosquitto is not installed: apt-get install mosquitto")
    key = ec.generate_private_key(ec.SECP256R1())
    name, moment = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")]), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, moment, moment + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    at = server(tmp_path, free_port())
    at.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    at.key.write_bytes(key.private_bytes(encoding, form, serialization.NoEncryption()))
    passwords = write(tmp_path, at, "city", "host", ["a", "b"])
    with (tmp_path / "mosquitto.conf").open("a") as file:
        # Started by root it would become a user that may not read a test's folder.
        file.write(f"user {getpass.getuser()}\n")
    process = subprocess.Popen([MOSQUITTO, "-c", str(tmp_path / "mosquitto.conf")], stderr=subprocess.PIPE)
    try:
        until(lambda: _listens(at.port) or process.poll() is not None)
        assert process.poll() is None, process.communicate()[1].decode()
        yield Running(at.port, at.certificate, passwords)
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.slow
def test_mosquitto_keeps_enterprises_apart_and_serves_the_host_by_tls(mosquitto: Running) -> None:
    heard: list[tuple[str, bytes]] = []
    address = Address("localhost", mosquitto.port, True, "host", mosquitto.passwords["host"], str(mosquitto.authority))
    connection = Connection(address, "host", "city", lambda *message: heard.append(message), lambda: None)
    connection.start()
    until(lambda: connection.connected)
    told: list[str] = []
    a, b = (mosquitto.client(user) for user in "ab")
    for client in (a, b):
        client.on_message = lambda _client, _, message: told.append(message.topic)
        client.connect("localhost", mosquitto.port)
        client.loop_start()
        client.subscribe([("spBv1.0/#", 0)])
        until(client.is_connected)
    until(lambda: told.count("spBv1.0/STATE/host") == 2)
    for topic in ("NDATA/b", "DDATA/b/press", "NCMD/b", "DCMD/a/press", "NCMD/a"):
        a.publish(f"spBv1.0/city/{topic}", b"not mine")
    a.publish("spBv1.0/STATE/host", b"not mine")
    a.publish("spBv1.0/city/NDATA/a", bytes(1 << 19))
    a.publish("spBv1.0/city/DDATA/a/press", b"mine")
    until(lambda: len(heard) >= 2)
    connection.send("spBv1.0/city/NCMD/b", b"for b")
    until(lambda: "spBv1.0/city/NCMD/b" in told)
    time.sleep(0.2)
    of_nodes = [topic for topic, _ in heard if "CMD/" not in topic]
    assert of_nodes == ["spBv1.0/city/NDATA/a", "spBv1.0/city/DDATA/a/press"]
    assert sorted(told) == ["spBv1.0/STATE/host", "spBv1.0/STATE/host", "spBv1.0/city/NCMD/b"]
    for client in (a, b):
        client.disconnect()
        client.loop_stop()
    connection.stop()


@pytest.mark.slow
@pytest.mark.parametrize("user", ["a", "nobody", ""])
def test_mosquitto_lets_nobody_in_without_the_password(mosquitto: Running, user: str) -> None:
    reasons: list[str] = []
    client = mosquitto.client(user, "guess")
    client.on_connect = lambda _client, _, _flags, reason, _properties: reasons.append(str(reason))
    client.connect("localhost", mosquitto.port)
    client.loop_start()
    until(lambda: reasons)
    assert reasons[0] == "Not authorized"
    client.disconnect()
    client.loop_stop()


@pytest.mark.slow
def test_nobody_throws_out_the_host_by_its_client_id(mosquitto: Running) -> None:
    lost: list[int] = []
    address = Address("localhost", mosquitto.port, True, "host", mosquitto.passwords["host"], str(mosquitto.authority))
    connection = Connection(address, "host", "city", lambda *_: None, lambda: lost.append(1))
    connection.start()
    until(lambda: connection.connected)
    foe = mosquitto.client("a", id="shazhou-host-host")
    foe.connect("localhost", mosquitto.port)
    foe.loop_start()
    until(foe.is_connected)
    time.sleep(0.5)
    assert connection.connected and not lost
    foe.disconnect()
    foe.loop_stop()
    connection.stop()
