"""A broker, a name and short pauses for tests of the agent against a scripted host."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import iotcore
import pytest
from waiting import free_port

from shazhou.telemetry.edge import publisher

_NUMBER = itertools.count()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with iotcore.Broker(port=free_port(), listen="127.0.0.1") as broker:
        yield broker.port


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher, "BIRTHS_APART", 0.05)
    monkeypatch.setattr(publisher, "SHORTEST_PAUSE", 0.05)


@pytest.fixture
def node() -> str:
    return f"acme{next(_NUMBER)}"
