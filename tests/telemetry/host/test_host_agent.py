"""What our own agent puts on the wire is what the host takes."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from spoken import START, Listening, Register
from test_host_records import BEGIN, MINUTE, key_of

from shazhou.telemetry.edge.births import Identity, death, described, device_birth, node_birth
from shazhou.telemetry.edge.buffer import Record
from shazhou.telemetry.edge.command import understood
from shazhou.telemetry.edge.mapping import Measurement, Target
from shazhou.telemetry.edge.record import LATE, by_name, message, minute_body, pulse_body, raw_body
from shazhou.telemetry.minute import sign
from shazhou.telemetry.names import EQUIPMENT
from shazhou.telemetry.sparkplug.payload import BAD, GOOD

TARGETS = [Target("press", name, each.datatype, each.unit, 1.0, {}, None) for name, each in EQUIPMENT.items()]


class Agent:
    """The agent's own births and records, without its loop."""

    def __init__(self, mode: str, **options: object) -> None:
        self.listening = Listening(**options)  # type: ignore[arg-type]
        places = described(mode, ["press"], TARGETS)
        self.aliases = {each: alias for alias, each in enumerate(places, 1)}
        self.names = by_name(self.aliases)
        self.identity = Identity(mode, "", "gateway", ["daily 00:00-24:00"], "", "test")
        self.mode, self.seq, self.number = mode, 0, 0

    def born(self, nonce: str = "") -> None:
        now = self.listening.now
        self.listening.hear("NBIRTH/n", node_birth(self.aliases, self.identity, "buffer", 0, 0, nonce, now))
        self.seq = 1
        if self.mode != "pulse":
            self.listening.hear("DBIRTH/n/press", device_birth(self.aliases, "press", self._next(), now))

    def record(self, body: bytes, device: str = "press", taken: int = START) -> None:
        self.number += 1
        record = Record(self.number, self.number - 1, device, taken, body)
        topic = f"DDATA/n/{device}" if device else "NDATA/n"
        self.listening.hear(topic, message(record, self._next(), self.listening.now, self.names))

    def _next(self) -> int:
        self.seq += 1
        return self.seq - 1


def test_values_of_every_standard_metric_arrive() -> None:
    agent = Agent("full")
    agent.born()
    read = [Measurement("press", "State", 3, START, GOOD), Measurement("press", "Energy/Active", 12.5, START, GOOD)]
    agent.record(raw_body("press", read, agent.names))
    agent.record(raw_body("press", [Measurement("press", "State", None, START, BAD)], agent.names))
    rows = agent.listening.samples()
    assert [(row["metric"], row["value"], row["unit"], row["quality"], row["sequence"]) for row in rows] == [
        ("State", 3, "", GOOD, 1), ("Energy/Active", 12.5, "kWh", GOOD, 1), ("State", None, "", BAD, 2),
    ]  # fmt: skip
    assert not agent.listening.host.outbox.counts


def test_a_signed_minute_arrives_whole_and_its_signature_holds() -> None:
    key = Ed25519PrivateKey.generate()
    agent = Agent("rollup", register=Register(n=Register.Entry(key_of(key))))
    agent.born()
    minute = sign(MINUTE, key)
    agent.record(minute_body(minute, agent.names))
    (row,) = agent.listening.host.outbox.minutes
    assert row["signed"] and {name: row[name] for name in asdict(minute)} == asdict(minute)


def test_what_was_stored_arrives_as_historical_and_as_columns() -> None:
    agent = Agent("full")
    agent.born()
    agent.listening.now += LATE + 1
    read = [Measurement("press", "State", 3, START, GOOD), Measurement("press", "Power/Active", 2.5, START, GOOD)]
    agent.record(raw_body("press", read, agent.names))
    assert len(agent.listening.host.data._messages) == 1, "it is not read metric by metric"
    assert [(row["historical"], row["value"]) for row in agent.listening.samples()] == [(True, 3), (True, 2.5)]


def test_a_pulse_arrives_as_an_event() -> None:
    agent = Agent("pulse")
    agent.born()
    agent.record(pulse_body([MINUTE], agent.names), device="")
    (pulse,) = agent.listening.events("pulse")
    assert (pulse["minute"], pulse["times"], pulse["good"]) == (BEGIN, 60, 1.0)


@pytest.mark.parametrize("mode", ["full", "rollup", "pulse"])
def test_the_host_s_commands_are_understood_by_the_agent(mode: str) -> None:
    agent = Agent(mode, marks={("n", "buffer"): 7})
    agent.born()
    host, now = agent.listening.host, agent.listening.now
    host.tick(now)
    host.challenges.ask(host.nodes[0, "n"], now)
    by_alias = {alias: each.name for each, alias in agent.aliases.items()}
    said = [understood(each.payload, by_alias) for each in host.outbox.messages]
    assert [(each.agent, each.confirmed) for each in said if each.confirmed is not None] == [("buffer", 7)]
    (nonce,) = [each.challenge for each in said if each.rebirth]
    agent.listening.now += 1
    agent.born(nonce)
    agent.listening.later(1)
    assert [event["nonce"] for event in agent.listening.events("challenge-passed")] == [nonce]
    agent.listening.hear("NDEATH/n", death(0, now))
    assert not host.nodes[0, "n"].online
