"""From minutes to a figure, a trail and a certificate by the commands alone, as an operator types them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from kept_hours import moment
from register_city import HEADER, new_key
from shell import shazhou

from shazhou.telemetry.store.schema import EVENTS, MINUTES
from shazhou.telemetry.store.store import Store, folder_of

DAY = "2025-03-05"
STEEL = "沙洲钢厂,,锦丰镇,metallurgy,2025-01-01,2025-06,mon-fri 08:00-10:00,,"


def minutes(node: str) -> Iterator[dict[str, Any]]:
    """Two working hours of a press that makes pieces and reads its tags every second."""
    blank = {field.name: "" if field.type == pa.string() else 0 for field in MINUTES}
    for number in range(120):
        at = moment(f"{DAY} 08:00") + number * 60_000
        yield {
            **blank,
            **{"node": node, "device": "press", "at": at, "received": at + 61_000, "executing": 45.0 + number % 7},
            **{"not_executing": 15.0 - number % 7, "total": 5 + number % 3, "good_count": 5, "cycle": 10.0},
            **{"energy": 1.25 + (number * 7919 % 97) / 1000, "samples": 60, "times": 60, "good": 1.0, "values": 55},
            **{"digest": f"{number:032x}", "signature": "s", "signed": True, "historical": False},
            **{"sequence": number + 1, "mode": "rollup"},
        }


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A ledger with one enterprise whose gateway's key is enrolled, and two hours of minutes beside it."""
    data = tmp_path / "ledger"
    assert shazhou("init", data=data).status == 0
    listed = tmp_path / "joining.csv"
    listed.write_text(f"{HEADER}\n{STEEL}\n", encoding="utf-8")
    assert shazhou("load", listed, "--mapping", "joining", "--source", "joining", data=data).status == 0
    [enrolled] = shazhou("enrolled", "--json", data=data).json
    node = enrolled["node"]
    with Store.open(folder_of(data), write=True) as store:
        birth = {"bdSeq": 0, "seq": 0, "agent": "a", "mode": "rollup", "origin": "", "challenge": "", "clock": 0}
        events = [
            {"node": node, "device": "", "at": moment(f"{DAY} 07:59"), "kind": "birth", "detail": json.dumps(birth)},
            {"node": node, "device": "", "at": moment(f"{DAY} 08:30"), "kind": "challenge", "detail": '{"nonce": "n"}'},
        ]
        passed = {"nonce": "n", "after": 400, "read": None}
        events.append(
            {**events[1], "at": events[1]["at"] + 400, "kind": "challenge-passed", "detail": json.dumps(passed)}
        )
        store.add(
            minutes=pa.Table.from_pylist(list(minutes(node)), MINUTES).to_batches()[0],
            events=pa.Table.from_pylist(events, EVENTS).to_batches()[0],
        )
        store.commit()
    return data


@pytest.mark.slow
def test_minutes_become_figures_with_a_trail_and_a_certificate(data: Path, tmp_path: Path) -> None:
    [one] = shazhou("enrolled", "--json", data=data).json
    node, key = one["node"], new_key()
    assert shazhou("enrol", node, "--key", key, data=data).status == 0
    second = shazhou("enrol", node, "--key", new_key(), data=data)
    assert second.status == 1 and "key-enrolled-once" in second.err

    made = shazhou("telemetry", "deliver", "--day", DAY, "--json", data=data)
    assert made.status == 0, made.err
    assert [each["id"].split(":")[:3] for each in made.json] == [
        ["telemetry", DAY, "real"],
        ["telemetry", DAY[:7], "real"],
    ]
    again = shazhou("telemetry", "deliver", "--day", DAY, data=data)
    assert again.out.count("known") == 2 and "new" not in again.out

    running = shazhou("figure", "machine_running_hours", "--period", DAY, "--json", data=data).json
    told = shazhou("trail", running["id"], "--json", data=data)
    assert f"equipment:{node}.press" in told.out and made.json[0]["id"] in told.out
    online = shazhou("figure", "enterprises_online", "--period", DAY[:7], "--json", data=data).json
    assert online["value"] == "0" and online["contributors"] == 1

    out = tmp_path / "out"
    assert shazhou("certificate", "make", node, DAY[:7], "--out", out, data=data).status == 0
    city = shazhou("certificate", "key", data=data).out.strip()
    for suffix in ("json", "pdf"):
        file = out / f"certificate-{node}-{DAY[:7]}.{suffix}"
        assert shazhou("certificate", "verify", file, "--key", city, data=tmp_path / "elsewhere").status == 0
        assert shazhou("certificate", "verify", file, data=data).status == 0
        unknown = shazhou("certificate", "verify", file, data=tmp_path / "elsewhere")
        assert unknown.status == 1 and "no-city-key" in unknown.err
        content = file.read_bytes()
        file.write_bytes(content.replace(b"2025-03", b"2025-04", 1) if suffix == "json" else content[:-2] + b"\n\n")
        assert shazhou("certificate", "verify", file, "--key", city, data=data).status == 1
    told_by_json = shazhou("certificate", "verify", out / "none.json", data=data)
    assert told_by_json.status == 1


def test_a_day_to_come_and_a_word_that_is_no_day_are_refused(data: Path) -> None:
    assert "day-not-over" in shazhou("telemetry", "deliver", "--day", str(date.max), data=data).err
    assert "no-such-day" in shazhou("telemetry", "deliver", "--day", "yesterday", data=data).err
