"""A fleet through the real protocol: what it sends is marked simulated where it enters."""

from __future__ import annotations

import csv
import io
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from shazhou.city.folder import read_city
from shazhou.telemetry.edge.config import EdgeConfig
from shazhou.telemetry.fleet.register import COLUMNS, fleet, joining
from shazhou.telemetry.fleet.run import Plan, agents, clock_from, config, labels

LOAD = Path(__file__).parents[1] / "load"
CITY = Path("cities/zhangjiagang")
NOW = 1_772_433_000_000


def plan(folder: Path, **troubles: str) -> Plan:
    nodes = {f"sim{number:03d}": f"e{number}" for number in range(1, 10)}
    return Plan("zhangjiagang", "Asia/Shanghai", "127.0.0.1:1", folder, 7, NOW, nodes, troubles)


def test_the_register_document_names_factories_as_simulated_in_real_towns() -> None:
    city = read_city(CITY)
    rows = list(csv.DictReader(io.StringIO(joining(fleet(city, 9, 7), 7, date(2026, 12, 31), date(2026, 1, 1)))))
    assert tuple(rows[0]) == COLUMNS and len(rows) == 9
    assert {row["note"] for row in rows} == {"模拟数据 simulated"}
    assert all(row["name_zh"].startswith("模拟工厂") and "Simulated" in row["name_en"] for row in rows)
    assert {row["town"] for row in rows} <= set(city.places)
    assert {row["industry"] for row in rows} <= {key for key, each in city.industries.items() if each.group}
    assert len({row["key"] for row in rows}) == 9


def test_every_agent_says_that_it_is_simulated(tmp_path: Path) -> None:
    factories = fleet(read_city(CITY), 3, 7)
    made = [config(plan(tmp_path), each) for each in factories]
    assert all(isinstance(each, EdgeConfig) and each.origin == "simulated" for each in made)


def test_labels_tell_of_every_factory_whether_and_since_when_it_is_wrong(tmp_path: Path) -> None:
    factories = fleet(read_city(CITY), 3, 7)
    rows = list(labels(plan(tmp_path, sim002="clone", sim003="bad"), factories))
    assert [(row["node"], row["kind"], row["fraud"], row["start"]) for row in rows] == [
        ("e1", "", False, None),
        ("e2", "clone", True, NOW),
        ("e3", "bad", False, NOW),
    ]


def test_an_agent_signs_with_the_key_that_was_registered(tmp_path: Path) -> None:
    factories = fleet(read_city(CITY), 1, 7)
    (row,) = csv.DictReader(io.StringIO(joining(factories, 7, date(2026, 12, 31), date(2026, 1, 1))))
    (agent,) = agents(plan(tmp_path), factories, lambda: NOW)
    agent.buffer.close()
    import base64

    assert base64.b64encode(agent.key.public_key().public_bytes_raw()).decode() == row["key"]


def test_a_fast_clock_catches_up_with_the_day_and_stays() -> None:
    now = time.time_ns() // 1_000_000
    clock = clock_from(now - 60_000, 10_000)
    time.sleep(0.02)
    assert abs(clock() - time.time_ns() // 1_000_000) < 5
    assert clock_from(now - 60_000, 1)() - (now - 60_000) < 1_000


@pytest.mark.slow
def test_a_fleet_is_online_at_our_host_and_marked_simulated(tmp_path: Path) -> None:
    import asyncio

    sys.path.insert(0, str(LOAD))
    from serving import EVER, broker, host

    from shazhou.telemetry.fleet.run import run

    factories = fleet(read_city(CITY), 4, 7)
    nodes = {each.key: each.key for each in factories}
    with broker() as port, host(tmp_path / "ledger", port) as running:
        told = Plan(
            "zhangjiagang",
            "Asia/Shanghai",
            f"127.0.0.1:{port}",
            tmp_path / "fleet",
            7,
            time.time_ns() // 1_000_000,
            nodes,
            {"sim002": "clone"},
            mode="full",
            period=200,
        )

        async def until_seen() -> None:
            fleet_task = asyncio.ensure_future(run(told, factories, clock_from(told.began, 1), lambda _: None))
            for _ in range(100):
                await asyncio.sleep(0.2)
                with running.store() as store:
                    rows = store.samples(0, EVER)
                if set(rows["node"].to_pylist()) == set(nodes):
                    break
            fleet_task.cancel()
            await asyncio.gather(fleet_task, return_exceptions=True)

        asyncio.run(until_seen())
        with running.store() as store:
            rows = store.samples(0, EVER).to_pylist()
            births = store.events(0, EVER, kinds=("birth",)).to_pylist()
    assert {row["node"] for row in rows} == set(nodes)
    assert {row["origin"] for row in rows} == {"simulated"}
    assert {row["node"] for row in births} == set(nodes)

    def state(node: str) -> dict[int, int]:
        return {row["at"]: row["integer"] for row in rows if row["node"] == node and row["metric"] == "Count/Total"}

    cloned, original = state("sim002"), state("sim001")
    both = cloned.keys() & original.keys()
    assert both and all(cloned[at] == original[at] for at in both)
