"""What a host finds of the one that ran before it, and was killed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from shazhou.telemetry.host.before import Before, before_of
from shazhou.telemetry.store.schema import EVENTS
from shazhou.telemetry.store.store import Store

START = 1_795_733_500_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "t", write=True) as opened:
        yield opened


def happened(store: Store, at: int, kind: str, node: str = "n", device: str = "", **detail: Any) -> None:
    row = {"node": node, "device": device, "at": at, "kind": kind, "detail": json.dumps(detail)}
    store.add(events=pa.RecordBatch.from_pylist([row], EVENTS))
    store.commit()


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
