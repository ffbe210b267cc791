"""STATE and the connection, packet by packet; each test named by the assertion of the Sparkplug TCK that it shows."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from wire import CONNECT, DISCONNECT, PUBLISH, SUBSCRIBE, Connect, Packet, Server, topics_of

from shazhou.city.problem import Refused
from shazhou.telemetry.host.connection import SHORT, Address, Connection

STATE = "spBv1.0/STATE/city-host"


@contextmanager
def connected(server: Server) -> Iterator[Connection]:
    connection = Connection(
        Address("127.0.0.1", server.port, username="host", password="word"),
        "city-host",
        "city",
        lambda *_: None,
        lambda: None,
    )
    connection.start()
    yield connection
    connection.stop()


@pytest.fixture(scope="module")
def session() -> list[Packet]:
    """Everything that a host sends from connecting to an intended end."""
    with Server() as server:
        with connected(server) as connection:
            packets = [server.next() for _ in range(3)]
            server.publish(STATE, json.dumps({"online": False, "timestamp": 1}).encode())
            packets.append(server.next())
            assert connection.connected
        packets += [server.next(), server.next()]
    return packets


def said(packet: Packet) -> tuple[str, dict[str, object]]:
    topic, payload = packet.published()
    return topic, json.loads(payload)


def test_tck_id_message_flow_phid_sparkplug_clean_session_311(session: list[Packet]) -> None:
    assert Connect.read(session[0]).clean


def test_tck_id_message_flow_phid_sparkplug_clean_session_50(session: list[Packet]) -> None:
    """The host speaks MQTT 3.1.1 alone, to which the rule for 5 does not apply."""
    assert Connect.read(session[0]).level == 4


def test_tck_id_operational_behavior_host_application_connect_will(session: list[Packet]) -> None:
    assert Connect.read(session[0]).will_topic == STATE


def test_tck_id_host_topic_phid_death_payload(session: list[Packet]) -> None:
    will = json.loads(Connect.read(session[0]).will)
    assert will.keys() == {"online", "timestamp"} and will["online"] is False
    assert abs(will["timestamp"] - time.time() * 1000) < 60_000


def test_tck_id_host_topic_phid_death_qos(session: list[Packet]) -> None:
    assert Connect.read(session[0]).will_qos == 1


def test_tck_id_host_topic_phid_death_retain(session: list[Packet]) -> None:
    assert Connect.read(session[0]).will_retain


def test_tck_id_payloads_state_subscribe(session: list[Packet]) -> None:
    assert session[1].type == SUBSCRIBE and STATE in topics_of(session[1])


def test_tck_id_host_topic_phid_birth_sub_required(session: list[Packet]) -> None:
    """One filter takes in every kind of message, so that a broker keeps their order."""
    assert topics_of(session[1]) == [STATE, "spBv1.0/city/#"]


def test_tck_id_host_topic_phid_birth_required(session: list[Packet]) -> None:
    assert [packet.type for packet in session[:3]] == [CONNECT, SUBSCRIBE, PUBLISH]
    assert said(session[2])[0] == STATE and (session[2].qos, session[2].retain) == (1, True)


def test_tck_id_host_topic_phid_birth_payload(session: list[Packet]) -> None:
    _, birth = said(session[2])
    assert birth.keys() == {"online", "timestamp"} and birth["online"] is True


def test_tck_id_host_topic_phid_birth_payload_timestamp(session: list[Packet]) -> None:
    assert said(session[2])[1]["timestamp"] == json.loads(Connect.read(session[0]).will)["timestamp"]


def test_tck_id_message_flow_hid_sparkplug_state_message_delivered(session: list[Packet]) -> None:
    assert said(session[3]) == said(session[2])


def test_tck_id_operational_behavior_host_application_death_payload(session: list[Packet]) -> None:
    topic, death = said(session[4])
    assert topic == STATE and death["online"] is False
    assert (session[4].qos, session[4].retain) == (1, True)


def test_tck_id_host_topic_phid_death_payload_disconnect_clean(session: list[Packet]) -> None:
    assert [packet.type for packet in session[4:]] == [PUBLISH, DISCONNECT]


def test_tck_id_operational_behavior_host_application_multi_server_timestamp() -> None:
    with Server() as first, Server() as second, connected(first):
        one = json.loads(Connect.read(first.until(CONNECT)).will)["timestamp"]
        time.sleep(0.01)
        with connected(second):
            other = json.loads(Connect.read(second.until(CONNECT)).will)["timestamp"]
            assert said(second.until(PUBLISH))[1]["timestamp"] == other != one
            first.until(PUBLISH)
            first.publish(STATE, json.dumps({"online": False, "timestamp": 1}).encode())
            assert said(first.until(PUBLISH))[1]["timestamp"] == one


def test_tck_id_operational_behavior_primary_application_state_with_multiple_servers_state() -> None:
    with Server() as first, Server() as second, connected(first), connected(second):
        for server in (first, second):
            assert [server.next().type for _ in range(3)] == [CONNECT, SUBSCRIBE, PUBLISH]
        first.cut()
        again = [first.next() for _ in range(3)]
        assert [packet.type for packet in again] == [CONNECT, SUBSCRIBE, PUBLISH]
        assert said(again[2])[1]["timestamp"] == json.loads(Connect.read(again[0]).will)["timestamp"]


@pytest.mark.parametrize("text", ["http://a", "mqtt://", "mqtt://a:port", "mqtts://a:99999999"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        Address.parse(text)


def test_an_address_tells_user_and_port_and_does_not_show_its_password() -> None:
    address = Address.parse("mqtts://city%40host:w%2Frd@broker")
    assert (address.host, address.port, address.tls, address.username, address.password) == (
        "broker", 8883, True, "city@host", "w/rd",
    )  # fmt: skip
    assert "rd" not in str(address) + repr(address)
    assert Address.parse("broker:1", "other").password == "other"


def test_only_who_is_thrown_out_at_once_again_and_again_is_told_of_another(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A line that is cut now and then is no other host."""
    connection = Connection(Address("127.0.0.1", 1), "city-host", "city", lambda *_: None, lambda: None)

    def lost_after(seconds: float) -> None:
        connection.connected, connection._began = True, time.monotonic() - seconds
        connection._on_disconnect(connection._client, None, None, "gone", None)

    for seconds in (1, 1, SHORT + 1, 1, 1):
        lost_after(seconds)
    assert "another host" not in caplog.text
    lost_after(1)
    assert "does another host with the id city-host run?" in caplog.text
