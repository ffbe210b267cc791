"""The door telemetry: from hours to submissions, and from a figure back to the hours of one machine."""

from __future__ import annotations

import csv
import gzip
import io
import shutil
from datetime import date
from decimal import Decimal
from itertools import takewhile
from pathlib import Path

import pyarrow as pa
import pytest
from kept_hours import challenged, days, hour_rows, kept, machine_rows
from register_city import register, zhangjiagang

from shazhou.city.folder import parse_city
from shazhou.city.problem import Refused
from shazhou.intake.load import load_definitions
from shazhou.ledger.engine import connect
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.submission import Submission
from shazhou.ledger.verification import verify
from shazhou.measure.figure import Cell, Figure
from shazhou.measure.measure import Measure
from shazhou.measure.trail import trail
from shazhou.programme.target import statuses
from shazhou.telemetry.door.deliver import deliver
from shazhou.telemetry.door.month import ONLINE
from shazhou.telemetry.enrolment import enrolled
from shazhou.telemetry.presence.reasons import REASONS
from shazhou.telemetry.store.schema import HOURS, MACHINE_HOURS
from shazhou.telemetry.store.store import Store

STEEL = "沙洲钢厂,,锦丰镇,metallurgy,2026-09-01,2026-10,,,"
LOOM = "沙洲纺机厂,,塘桥镇,,2026-09-01,2026-10,,,"
NOVEMBER = days("2026-11-01", 30)
TODAY = date(2026, 12, 1)


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    made = register(tmp_path_factory.mktemp("listed"), STEEL, LOOM)
    load_definitions(made, zhangjiagang(), "bureau")
    return made


@pytest.fixture
def ledger(listed: Ledger, tmp_path: Path) -> Ledger:
    """A ledger of its own with the two enterprises."""
    return Ledger.open(shutil.copytree(listed.folder, tmp_path / "ledger"))


@pytest.fixture(scope="module")
def steel(listed: Ledger) -> str:
    return nodes(listed)["沙洲钢厂"]


@pytest.fixture(scope="module")
def loom(listed: Ledger) -> str:
    return nodes(listed)["沙洲纺机厂"]


def nodes(ledger: Ledger) -> dict[str, str]:
    return {each.name["zh"]: each.node for each in enrolled(ledger, zhangjiagang()).values()}


def records(ledger: Ledger, document: str) -> list[dict[str, str]]:
    text = gzip.decompress(ledger.document(document)).decode()
    return list(csv.DictReader(io.StringIO(text)))


def november(ledger: Ledger, live: dict[str, int], origin: str = "", since: int = 0) -> Store:
    """A store in which each enterprise was live on the first so many days of November, with one machine each; of the
    days before ``since`` nothing is known."""
    by_day = []
    for number, day in list(enumerate(NOVEMBER))[since:]:
        hours = [row for node, count in live.items() for row in hour_rows(node, day, number < count, origin)]
        running = [node for node, count in live.items() if number < count]
        machines = [row for node in running for row in machine_rows(node, "press", day, origin)]
        by_day.append((day, hours, machines))
    return kept(ledger.folder, by_day)


def delivered(store: Store, ledger: Ledger, day: date, today: date = TODAY) -> list[Submission]:
    return deliver(store, ledger, zhangjiagang(), [day], "host", today)


def figures(ledger: Ledger, *asked: tuple[str, str]) -> list[Figure]:
    return Measure(ledger, ledger.head()).figures([Cell(name, "320582", period) for name, period in asked])


def figure(ledger: Ledger, indicator: str, period: str = "2026-11") -> Figure:
    return figures(ledger, (indicator, period))[0]


def test_a_figure_leads_back_to_the_hours_of_one_machine(ledger: Ledger, steel: str, loom: str) -> None:
    store = november(ledger, {steel: 30, loom: 10})
    challenged(store, steel, "2026-11-12 10:17")
    challenged(store, loom, "2026-11-03 14:40", "2026-11-04 09:01")
    delivered(store, ledger, date(2026, 11, 2))
    delivered(store, ledger, date(2026, 11, 30))
    found = figure(ledger, "enterprises_online")
    assert (found.value, found.simulated, found.status, found.contributors) == (Decimal(1), False, "actual", 2)

    told = trail(Measure(ledger, ledger.head()), found.cell)
    listed, submission = told.submissions
    assert {each.variable for each in listed.observations} == {"place"}
    assert submission.door == "telemetry" and submission.id.startswith("telemetry:2026-11:real:")
    stated = {(each.entity, each.variable): each for each in submission.observations}
    assert set(stated) == {(f"enterprise:{n}", v) for n in (steel, loom) for v in ("online_days", "challenges_passed")}
    counted = stated[f"enterprise:{steel}", "online_days"]
    assert (counted.value, counted.status, counted.note[:4]) == (Decimal(21), "A", "工作时间")

    month = records(ledger, submission.document)
    row = month[counted.row - 2]
    assert (row["record"], row["node"], row["online_days"], row["verdict"]) == ("month", steel, "21", "online")
    below = takewhile(lambda each: each["record"] != "month", month[counted.row - 1 :])
    reached = [each for each in below if each["reached"] == "yes"]
    assert len(reached) == 21 and reached[0]["from"] == "2026-11-02"

    [day] = [each for each in ledger.submissions() if each.id == reached[0]["hours_in"]]
    machine = [each for each in records(ledger, day.document) if (each["node"], each["device"]) == (steel, "press")]
    assert [each["record"] for each in machine] == ["machine-day"] + ["machine-hour"] * 8
    assert (machine[1]["from"], machine[1]["executing"]) == ("2026-11-02T09:00+08:00", "2700")
    assert verify(ledger).ok


def test_what_machines_did_is_a_figure_of_the_town(ledger: Ledger, steel: str, loom: str) -> None:
    store, day = november(ledger, {steel: 30, loom: 30}, since=28), "2026-11-30"
    delivered(store, ledger, date(2026, 11, 30))
    running, energy = figures(ledger, ("machine_running_hours", day), ("machine_energy", day))
    assert (running.value, energy.value) == (12, 200)
    told = trail(Measure(ledger, ledger.head()), Cell("machine_energy", "320582103", day))
    assert (told.figure.value, told.figure.contributors) == (100, 1)
    [submission] = told.submissions
    energy, place = sorted(submission.observations, key=lambda each: each.variable)
    assert {energy.entity, place.entity} == {f"equipment:{steel}.press"} and energy.row == place.row
    row = records(ledger, submission.document)[energy.row - 2]
    assert (row["record"], row["energy"], energy.given) == ("machine-day", "100", "100")


def test_a_machine_that_nobody_signed_for_states_nothing_and_is_not_met(ledger: Ledger, steel: str) -> None:
    day = date(2026, 11, 30)
    store = november(ledger, {steel: 30}, since=28)
    unsigned = [
        {**row, "executing": 0.0, "total": None, "good_count": None, "energy": None, "believed": 0}
        for row in machine_rows(steel, "stranger", day)
    ]
    machines = [*machine_rows(steel, "press", day), *unsigned]
    hours = pa.Table.from_pylist(hour_rows(steel, day, True), HOURS)
    store.keep_hours(day, hours, pa.Table.from_pylist(machines, MACHINE_HOURS))
    submission, _ = delivered(store, ledger, day)
    connection = connect()
    stated = connection.to_pyarrow(ledger.observations(connection).select("entity").distinct())["entity"].to_pylist()
    connection.disconnect()
    assert {each for each in stated if each.startswith("equipment:")} == {f"equipment:{steel}.press"}
    row = next(each for each in records(ledger, submission.document) if each["device"] == "stranger")
    assert (row["record"], row["minutes"], row["believed"]) == ("machine-day", "480", "0")


def test_a_doubt_that_was_found_after_delivery_takes_the_machines_figures_back(
    ledger: Ledger, steel: str, loom: str
) -> None:
    """The figure of a day stood although no minute of it was believed any more, and that of a lost meter."""
    day = date(2026, 11, 30)
    store = november(ledger, {steel: 30, loom: 30}, since=28)
    asked = (("machine_running_hours", "2026-11-30"), ("machine_energy", "2026-11-30"))
    delivered(store, ledger, day)
    assert [each.value for each in figures(ledger, *asked)] == [12, 200]
    doubted = [
        {**row, "executing": 0.0, "total": None, "good_count": None, "energy": None, "believed": 0}
        for row in machine_rows(steel, "press", day)
    ]
    meterless = [{**row, "energy": None} for row in machine_rows(loom, "press", day)]
    hours = pa.Table.from_pylist([row for node in (steel, loom) for row in hour_rows(node, day, True)], HOURS)
    store.keep_hours(day, hours, pa.Table.from_pylist([*doubted, *meterless], MACHINE_HOURS))
    delivered(store, ledger, day)
    assert [each.value for each in figures(ledger, *asked)] == [6, None]
    count = len(ledger.submissions())
    delivered(store, ledger, day)
    assert len(ledger.submissions()) == count
    believed = [row for node in (steel, loom) for row in machine_rows(node, "press", day)]
    store.keep_hours(day, hours, pa.Table.from_pylist(believed, MACHINE_HOURS))
    delivered(store, ledger, day)
    assert [each.value for each in figures(ledger, *asked)] == [12, 200] and verify(ledger).ok


def test_the_running_month_is_provisional(ledger: Ledger, steel: str) -> None:
    store = november(ledger, {steel: 30})
    challenged(store, steel, "2026-11-12 10:17")
    delivered(store, ledger, date(2026, 11, 19), today=date(2026, 11, 20))
    soon = figure(ledger, "enterprises_online")
    assert (soon.value, soon.status) == (0, "provisional")
    delivered(store, ledger, date(2026, 11, 20), today=date(2026, 11, 21))
    now = figures(ledger, ("enterprises_online", "2026-11"), ("enterprises_online", "2026"))
    assert [each.value for each in now] == [1, 1]


def test_who_was_never_heard_is_counted_as_not_online(ledger: Ledger, steel: str, loom: str) -> None:
    delivered(november(ledger, {steel: 0, loom: 0}, since=27), ledger, date(2026, 11, 30))
    found = figures(ledger, ("enterprises_online", "2026-11"), ("enterprises_joining", "2026-11"))
    assert [each.value for each in found] == [0, 2]


@pytest.mark.slow
def test_a_day_is_delivered_once_and_again_when_data_came_late(ledger: Ledger, steel: str) -> None:
    store, day = november(ledger, {steel: 29}, since=27), date(2026, 11, 30)
    first = delivered(store, ledger, day)
    count = len(ledger.submissions())
    assert delivered(store, ledger, day) == first and len(ledger.submissions()) == count
    assert figure(ledger, "machine_energy", "2026-11-30").value is None

    hours, machines = hour_rows(steel, day, True), machine_rows(steel, "press", day)
    store.keep_hours(day, pa.Table.from_pylist(hours, HOURS), pa.Table.from_pylist(machines, MACHINE_HOURS))
    again = delivered(store, ledger, day)
    assert [each.id.split(":")[3] for each in again] == ["2", "2"]
    assert figure(ledger, "machine_energy", "2026-11-30").value == 100
    store.keep_hours(day, pa.Table.from_pylist(hour_rows(steel, day, False), HOURS), MACHINE_HOURS.empty_table())
    assert [each.id.split(":")[3] for each in delivered(store, ledger, day)] == ["3", "3"]


@pytest.mark.slow
def test_several_days_are_delivered_with_one_word_about_their_month(ledger: Ledger, steel: str) -> None:
    store = november(ledger, {steel: 30}, since=26)
    made = deliver(store, ledger, zhangjiagang(), NOVEMBER[-3:], "host", TODAY)
    assert [each.id.split(":")[1] for each in made] == ["2026-11-28", "2026-11-29", "2026-11-30", "2026-11"]


@pytest.mark.slow
def test_a_late_day_does_not_take_back_what_the_month_has_reached(ledger: Ledger, steel: str) -> None:
    store = november(ledger, {steel: 30})
    challenged(store, steel, "2026-11-12 10:17")
    delivered(store, ledger, date(2026, 11, 30))
    delivered(store, ledger, date(2026, 11, 3))
    assert figure(ledger, "enterprises_online").value == 1


def test_simulated_and_real_ones_are_submissions_of_their_own_and_marked(
    ledger: Ledger, steel: str, tmp_path: Path
) -> None:
    register(tmp_path, "模拟一厂,,锦丰镇,,2026-09-01,2026-10,,,", simulated=True)
    simulated = nodes(ledger)["模拟一厂"]
    store = november(ledger, {steel: 30, simulated: 30})
    challenged(store, simulated, "2026-11-12 10:17")
    made = delivered(store, ledger, date(2026, 11, 30))
    assert [each.id.split(":")[1:3] for each in made] == [
        ["2026-11-30", "real"],
        ["2026-11-30", "simulated"],
        ["2026-11", "real"],
        ["2026-11", "simulated"],
    ]
    assert [simulated in {row["node"] for row in records(ledger, each.document)} for each in made] == [False, True] * 2
    found = figure(ledger, "enterprises_online")
    assert (found.value, found.simulated) == (1, True)


def test_one_simulated_hour_marks_the_enterprise_although_it_is_enrolled_as_real(ledger: Ledger, steel: str) -> None:
    store = november(ledger, {steel: 30}, origin="simulated", since=27)
    made = delivered(store, ledger, date(2026, 11, 30))
    assert {each.id.split(":")[2] for each in made if steel in str(records(ledger, each.document))} == {"simulated"}


def test_simulated_enterprises_never_make_a_target_reached(tmp_path: Path) -> None:
    ledger = register(tmp_path, STEEL.replace("沙洲", "模拟"), simulated=True)
    files = dict(zhangjiagang().files)
    before, name, promise = files["targets.yaml"].decode().partition("industrial_enterprises_to_cloud_2021:")
    promise = promise.replace("value: 500", "value: 1", 1).replace('"2021"', '"2026"', 1)
    city = parse_city(files | {"targets.yaml": f"{before}{name}{promise}".encode()})
    load_definitions(ledger, city, "bureau")
    [node] = nodes(ledger).values()
    store = november(ledger, {node: 30}, "simulated")
    challenged(store, node, "2026-11-12 10:17")
    deliver(store, ledger, city, [date(2026, 11, 30)], "host", TODAY)
    [status] = [
        each for each in statuses(Measure(ledger), TODAY) if each.target.id == "industrial_enterprises_to_cloud_2021"
    ]
    assert (status.value, status.figure is not None and status.figure.simulated) == (1, True)
    assert status.course != "reached"


def test_an_enterprise_that_is_not_in_the_register_does_not_enter(ledger: Ledger) -> None:
    store = november(ledger, {"stranger": 30}, since=27)
    assert delivered(store, ledger, date(2026, 11, 30)) == []


def test_a_day_that_is_not_over_is_refused(ledger: Ledger) -> None:
    with pytest.raises(Refused, match="day-not-over"):
        delivered(november(ledger, {}, since=30), ledger, TODAY)


def test_the_city_folder_has_a_word_for_every_verdict() -> None:
    known = zhangjiagang().variables["presence_verdict"]
    assert set(known.values) == {ONLINE, *REASONS} - {""} == set(known.called)
