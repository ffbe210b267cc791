"""What a host finds of the one that ran before it, and was killed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from spoken import Listening, Node, real, speaking

from shazhou.telemetry.host import live
from shazhou.telemetry.host.before import Before, before_of
from shazhou.telemetry.presence.sessions import SESSION, sessions, told
from shazhou.telemetry.store.schema import EVENTS
from shazhou.telemetry.store.store import Store

START = 1_795_733_500_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "t", write=True) as opened:
        yield opened


def keep(store: Store, events: list[dict[str, Any]]) -> None:
    store.add(events=pa.RecordBatch.from_pylist(events, EVENTS))
    store.commit()


def happened(store: Store, at: int, kind: str, node: str = "n", device: str = "", **detail: Any) -> None:
    keep(store, [{"node": node, "device": device, "at": at, "kind": kind, "detail": json.dumps(detail)}])


def said(store: Store, at: int, **nodes: tuple[bool, int]) -> None:
    store.put_live({"at": at, "nodes": {name: {"online": on, "last": last} for name, (on, last) in nodes.items()}})


def test_a_session_that_began_after_the_host_said_its_last_is_known_as_open(store: Store) -> None:
    """Its birth lay 0.6 s before the kill, the last word of the present was older: nobody was told of the gap."""
    happened(store, START, "stale", since=START - 200)
    said(store, START + 6_000, n=(False, START - 200))
    happened(store, START + 7_000, "birth")
    assert before_of(store, START + 20_000) == Before(START + 7_001, {"n": START + 7_000})


def test_a_session_lasts_until_its_last_message_that_was_told_of(store: Store) -> None:
    happened(store, START, "birth")
    happened(store, START + 10, "birth", device="press")
    said(store, START + 6_000, n=(True, START + 5_900))
    assert before_of(store, START + 20_000) == Before(START + 6_000, {"n": START + 5_900})


def test_a_host_that_was_behind_heard_last_what_was_sent_before_the_birth_came(store: Store) -> None:
    happened(store, START, "birth")
    said(store, START + 1_000, n=(True, START - 4_000))
    assert before_of(store, START + 20_000) == Before(START + 1_000, {"n": START - 4_000})


def test_a_session_that_no_word_of_the_present_told_of_was_last_heard_when_its_birth_was_sent(store: Store) -> None:
    """Its birth came 2.5 s late, and the kill soon after: what was sent meanwhile lay before the gap."""
    happened(store, START, "birth", sent=START - 2_500, clock=32_500)
    assert before_of(store, START + 20_000) == Before(START + 1, {"n": START - 2_500}, {}, {"n": 30_000})


def test_a_host_that_was_killed_just_after_a_late_birth_ends_its_session(store: Store) -> None:
    """The next one dated the end before the birth, so that the session went on for ever."""
    first = Listening()
    node = Node(first, ahead=20)
    node.birth()
    first.now += 1_000
    node.death()
    first.now += 10_000
    node.ahead = 0
    node.birth()
    keep(store, first.host.outbox.events)
    second = Listening(before=before_of(store, first.now + 60_000))
    keep(store, second.host.outbox.events)
    events = told(store.events(0, START * 2), SESSION)
    assert list(sessions(events, START * 2))[-1] == ("n", first.now, first.now + 1)
    assert second.events("stale")[0]["since"] == first.now - 20


def test_what_a_host_says_of_the_present_is_what_the_next_one_finds(store: Store) -> None:
    listening, node = speaking()
    node.ahead = 30_000
    happened(store, listening.now, "birth")
    listening.now += 1_000
    node.data(real(1.0))
    store.put_live(live.state(listening.host, {}, listening.now))
    found = Before(listening.now, {"n": listening.now}, {}, {"n": -30_000})
    assert before_of(store, listening.now + 20_000) == found


def test_what_is_known_of_a_clock_outlives_hosts_that_did_not_hear_the_node(store: Store) -> None:
    happened(store, START, "birth", sent=START, clock=7)
    happened(store, START + 5, "death", since=START)
    for host in range(1, 3):
        listening = Listening(before=before_of(store, START + host * 10_000))
        store.put_live(live.state(listening.host, {}, START + host * 10_000))
    assert before_of(store, START + 60_000) == Before(START + 20_000, {}, {}, {"n": 7})


def test_of_what_is_known_of_a_clock_the_newest_holds(store: Store) -> None:
    happened(store, START, "birth", sent=START, clock=5)
    store.put_live({"at": START + 1, "clocks": {"n": 3}, "nodes": {}})
    assert before_of(store, START + 20_000).clocks == {"n": 3}
    happened(store, START + 2, "birth", sent=START + 2, clock=2)
    assert before_of(store, START + 20_000).clocks == {"n": 2}
    happened(store, START + 3, "birth", sent=START + 3, clock=None)
    assert before_of(store, START + 20_000).clocks == {"n": 2}


def test_a_word_of_the_present_without_a_node_says_nothing_of_its_session(store: Store) -> None:
    happened(store, START, "birth")
    said(store, START + 1_000)
    assert before_of(store, START + 20_000) == Before(START + 1_000, {"n": START})


def test_a_node_whose_broker_was_lost_before_is_unheard_since_then(store: Store) -> None:
    happened(store, START, "birth")
    happened(store, START + 3_000, "stale", since=START + 2_800)
    said(store, START + 4_000, n=(False, START + 2_800))
    assert before_of(store, START + 20_000) == Before(START + 4_000, {}, {"n": START + 2_800})


def test_a_node_that_died_left_nothing_open_and_one_of_long_ago_is_open_by_the_last_word(store: Store) -> None:
    happened(store, START, "birth")
    happened(store, START + 3_000, "death", since=START + 2_900)
    happened(store, START, "death", node="m", device="press")
    said(store, START + 4_000, n=(False, START + 2_900), m=(True, START + 3_900))
    assert before_of(store, START + 20_000) == Before(START + 4_000, {"m": START + 3_900})


def test_the_first_host_finds_nothing(store: Store) -> None:
    assert before_of(store, START) == Before()
