"""shazhou online: the wall, an enterprise, a machine, from the store alone."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from online_city import NOW, online_city
from shell import CITY, shazhou

from shazhou.city.folder import read_city
from shazhou.cli import machines
from shazhou.cli.machine_text import day_text
from shazhou.ledger.ledger import Ledger
from shazhou.telemetry.enrolment import enrolled
from shazhou.telemetry.wall.day import Day, Sums


@pytest.fixture(scope="module")
def connected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city whose machines were heard until `NOW`; read-only for tests that share it."""
    data = tmp_path_factory.mktemp("online") / "ledger"
    online_city(data, 10)
    return data


@pytest.fixture(autouse=True)
def ten_minutes_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machines, "_now", lambda: NOW + 600_000)


@pytest.fixture(scope="module")
def nodes(connected: Path) -> list[str]:
    return sorted(enrolled(Ledger.open(connected), read_city(CITY)))


def test_the_wall_as_a_table(connected: Path, nodes: list[str]) -> None:
    done = shazhou("online", data=connected)
    assert done.status == 0, done.err
    head, *lines = done.out.splitlines()
    assert head.startswith("500 promised, ") and "10 registered; host not running" in head and "[simulated]" in head
    assert "  490  Promised, but in no register." in lines
    assert {line.split()[0] for line in lines if line.startswith("e") and "Simulated works" in line} == set(nodes)
    assert "承诺 500 家" in shazhou("online", data=connected, lang="zh").out


def test_the_wall_as_json_is_narrowed_but_counts_are_of_all(connected: Path, nodes: list[str]) -> None:
    whole = shazhou("online", "--json", data=connected).json
    assert len(whole["enterprises"]) == whole["registered"] == sum(whole["levels"].values()) == 10
    assert whole["online"] + sum(whole["why_not"].values()) == whole["promised"] == 500
    some = shazhou("online", "--json", "--level", 4, data=connected).json
    assert {each["node"] for each in some["enterprises"]} == {nodes[4], nodes[9]}
    assert some["levels"] == whole["levels"]
    town = whole["enterprises"][0]["town"]
    by_key = shazhou("online", "--json", "--town", town, data=connected).json["enterprises"]
    by_name = shazhou("online", "--json", "--town", read_city(CITY).places[town].name.en, data=connected).json
    assert by_key == by_name["enterprises"] == [each for each in whole["enterprises"] if each["town"] == town]


def test_an_enterprise_as_a_heat_map_of_text(connected: Path, nodes: list[str]) -> None:
    out = shazhou("online", nodes[2], data=connected).out
    assert "2!2!2!" in out
    assert "! The same series came from elsewhere.  press" in out and "twin=another-works" in out
    told = shazhou("online", nodes[2], "--json", data=connected).json
    assert {hour["level"] for hours in told["days"].values() for hour in hours if hour} == {2}
    assert told["machines"][0]["device"] == "press"


def test_a_machine_by_the_hour(connected: Path, nodes: list[str]) -> None:
    told = shazhou("online", nodes[3], "press", "--json", data=connected).json
    assert len(told["hours"]) == 11 and told["origin"] == "simulated"
    assert told["hours"][0]["seconds"] == {
        "not_available": 0.0,
        "out_of_service": 900.0,
        "not_executing": 900.0,
        "executing": 1800.0,
    }
    assert told["ribbon"][-1] == {"state": None, "start": NOW, "stop": told["stop"]}
    assert "out of service min" in shazhou("online", nodes[3], "press", data=connected).out
    assert "nothing was heard" in shazhou("online", nodes[3], "lathe", data=connected).out
    assert "in no sum" not in shazhou("online", nodes[3], "press", data=connected).out


def test_the_minutes_of_a_machine_that_are_in_no_sum_were_not_told() -> None:
    hour = Sums(0, (0.0, 0.0, 0.0, 0.0), None, None, None, 60)
    day = Day("n", "press", date(2026, 11, 26), 0, 86_400_000, (), (hour,), (), 50, 10, "")
    assert day_text(day, "UTC", "en").endswith("in no sum: 50 min without the enterprise's signature, 10 min in doubt")
    assert "50 分钟没有企业签名，10 分钟存疑" in day_text(day, "UTC", "zh")


@pytest.mark.parametrize(
    ("asked", "status", "rule"),
    [
        (("nobody",), 1, "no-such-node"),
        (("--month", "2026-13"), 1, "no-such-month"),
        (("{node}", "--month", "x"), 1, "no-such-month"),
        (("{node}", "press", "--day", "x"), 1, "no-such-day"),
        (("{node}", "press", "--day", "1999-12-31"), 1, "no-such-day"),
        (("--town", "nowhere"), 1, "no-such-town"),
        (("--industry", "magic"), 1, "no-such-industry"),
        (("--level", "5"), 1, "no-such-level"),
        (("--level", "high"), 1, "no-such-level"),
        (("--lang", "fr"), 1, "no-such-language"),
    ],
)
def test_what_makes_no_sense_is_refused_in_both_languages(
    connected: Path, nodes: list[str], asked: tuple[str, ...], status: int, rule: str
) -> None:
    done = shazhou("online", *(word.format(node=nodes[3]) for word in asked), "--json", data=connected)
    (problem,) = done.json["problems"]
    assert (done.status, problem["rule"]) == (status, rule)
    assert all(re.search(r"[\u4e00-\u9fff]", problem[text]) for text in ("zh", "mend_zh"))
    assert not any(re.search(r"[\u4e00-\u9fff]", problem[text]) for text in ("en", "mend_en"))


def test_without_a_store_the_register_is_shown_as_never_heard(tmp_path: Path) -> None:
    data = tmp_path / "ledger"
    assert shazhou("init", data=data).status == 0
    assert shazhou("load", data=data).status == 0
    done = shazhou("online", data=data)
    assert done.status == 0 and "host has never run here" in done.out
