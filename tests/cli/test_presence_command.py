"""shazhou presence: a day judged again from the store, and the doubts with their evidence."""

from __future__ import annotations

from pathlib import Path

import pytest
from presence.made_minutes import MIDNIGHT, birth, digest, events_of, machine, minutes_of
from register_city import new_key, register, zhangjiagang
from shell import shazhou

from shazhou.telemetry.enrolment import enrolled
from shazhou.telemetry.store.store import Store, folder_of


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A register of two enterprises, the second of which shows what the first showed."""
    folder = tmp_path_factory.mktemp("presence")
    rows = [
        f"某厂{each},Works {each},锦丰镇,metallurgy,2026-09-01,2026-12,mon-fri 08:00-17:00,{new_key()},"
        for each in "AB"
    ]
    ledger = register(folder, *rows)
    first, second = enrolled(ledger, zhangjiagang())

    def copied(row: dict[str, object]) -> dict[str, object]:
        return {"digest": digest(first, "press", row["at"]), "received": int(str(row["received"])) + 900}

    with Store.open(folder_of(folder / "ledger"), write=True) as store:
        minutes = minutes_of(machine(first), machine(second, change=copied))
        events = events_of(birth(first, MIDNIGHT), birth(second, MIDNIGHT))
        store.add(minutes=minutes.to_batches()[0], events=events.to_batches()[0])
        store.commit()
    return folder / "ledger", [first, second]


def test_a_day_is_judged_and_its_doubts_are_told(data: tuple[Path, list[str]]) -> None:
    ledger, (first, second) = data
    done = shazhou("presence", "compute", "--day", "2026-11-26", "--json", data=ledger)
    assert done.status == 0, done.err
    assert {each["node"]: (each["days"], each["reason"]) for each in done.json} == {
        first: (1, "days-to-come"),
        second: (0, "doubt-clone"),
    }
    (doubt,) = shazhou("presence", "doubts", "--month", "2026-11", "--json", data=ledger).json
    assert (doubt["node"], doubt["kind"], doubt["evidence"]["others"][0]["node"]) == (second, "clone", first)
    text = shazhou("presence", "doubts", second, "--month", "2026-11", data=ledger, lang="zh").out
    assert "克隆" in text and first in text
    assert shazhou("presence", "doubts", first, "--month", "2026-11", data=ledger).out == "no doubts\n"
    table = shazhou("presence", "compute", "--day", "2026-11-26", data=ledger).out
    assert table.splitlines()[-1] == "0 / 2"


@pytest.mark.parametrize(
    ("asked", "rule"),
    [
        (("--day", "26.11."), "no-such-day"),
        (("--month", "2026"), "no-such-month"),
        (("--month", "1970-01"), "no-such-month"),
        (("--day", "2026-11-26", "--month", "2026-11"), "day-and-month"),
    ],
)
def test_what_is_no_day_or_month_is_refused_in_both_languages(
    data: tuple[Path, list[str]], asked: tuple[str, ...], rule: str
) -> None:
    done = shazhou("presence", "compute", *asked, "--json", data=data[0])
    (problem,) = done.json["problems"]
    assert (done.status, problem["rule"]) == (1, rule)
    assert "请" in problem["mend_zh"] and "请" not in problem["mend_en"]


def test_a_node_that_is_not_in_the_register_has_no_clean_bill(data: tuple[Path, list[str]]) -> None:
    done = shazhou("presence", "doubts", "nosuch", data=data[0])
    assert done.status == 1 and "no-such-node" in done.err
