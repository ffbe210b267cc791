"""Where targets stand, on a small city's evidence and on the real city's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from small_city import city_files, observations

from shazhou.city.folder import pack, read_city
from shazhou.intake.load import load_evidence
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.observation import SCHEMA
from shazhou.ledger.submission import Delivery
from shazhou.measure.measure import Measure
from shazhou.programme.target import TargetStatus, statuses

ZHANGJIAGANG = Path(__file__).parents[2] / "cities" / "zhangjiagang"
INDICATORS = {"gdp": ("value(gdp)", "10k_cny", 0), "margin": ("value(margin)", "percent", 1)}
YEAR = {"indicator": "gdp", "value": 120, "unit": "cny", "period": "2021"}
TARGETS: dict[str, dict[str, Any]] = {
    "year": YEAR,
    "later": {**YEAR, "period": "2025"},
    "five_years": {**YEAR, "period": "2021-01-01/P5Y", "value": 600},
    "in_thousands": {**YEAR, "value": "1.2", "unit": "10k_cny", "place": "north"},
    "elsewhere": {**YEAR, "place": "south"},
}


def statuses_of(folder: Path, rows: list[dict[str, Any]], today: str) -> dict[str, TargetStatus]:
    files = city_files(INDICATORS)
    sources = json.loads(files["sources.yaml"])
    sources["sources"]["office"]["date"] = "2021-03-01"
    defaults = {"name": {"zh": "目标", "en": "target"}, "place": "city", "direction": ">=", "source": "office"}
    files["sources.yaml"] = json.dumps(sources).encode()
    files["targets.yaml"] = json.dumps({key: {**defaults, **each} for key, each in TARGETS.items()}).encode()
    ledger = Ledger.create(folder)
    ledger.append(Delivery("d", "test", "definitions", "d", pack(files)), SCHEMA.empty_table())
    ledger.append(Delivery("s", "test", "file", "s"), observations(rows))
    return {each.target.id: each for each in statuses(Measure(ledger), date.fromisoformat(today))}


def gdp(period: str, value: int, place: str = "city", kind: str = "actual") -> dict[str, Any]:
    return {"entity": f"place:{place}", "variable": "gdp", "period": period, "value": value * 10_000, "kind": kind}


def test_without_evidence_the_door_is_named_and_nothing_is_invented(tmp_path: Path) -> None:
    status = statuses_of(tmp_path, [], "2021-07-01")["year"]
    assert (status.value, status.share, status.needed, status.figure) == (None, None, None, None)
    assert (status.course, status.door) == ("no evidence", "file")


def test_the_part_of_the_year_that_has_passed_counts(tmp_path: Path) -> None:
    rows = [gdp(f"2021-{month:02d}", 12) for month in range(1, 7)]
    status = statuses_of(tmp_path, rows, "2021-07-01")["year"]
    assert status.figure is not None and status.figure.period == "2021-01-01/P6M"
    assert (status.value, status.share, status.course) == (Decimal(720_000), Decimal("600000.0"), "reached")


def test_half_of_the_goal_at_half_time_leaves_the_other_half_for_six_months(tmp_path: Path) -> None:
    TARGETS["year"] = {**YEAR, "value": 1_440_000}
    try:
        status = statuses_of(tmp_path, [gdp("2021-01-01/P6M", 72)], "2021-06-30")["year"]
    finally:
        TARGETS["year"] = YEAR
    assert (status.value, status.share, status.course) == (Decimal(720_000), Decimal("50.0"), "on course")
    assert status.needed == Decimal("119103.3")  # 720,000 over 184 days of 30.4375 to the month


def test_a_year_before_the_promise_is_no_progress_of_a_quantity_that_adds_up(tmp_path: Path) -> None:
    found = statuses_of(tmp_path, [gdp("2019", 100), gdp("2022", 110)], "2023-07-01")
    assert found["year"].course == "no evidence"
    assert found["later"].figure is not None and found["later"].figure.period == "2022"


def test_a_forecast_is_shown_beside_and_never_reaches_a_target(tmp_path: Path) -> None:
    status = statuses_of(tmp_path, [gdp("2021", 200, kind="forecast")], "2022-07-01")["year"]
    assert status.course == "no evidence"
    assert status.expected is not None and status.expected.value == 200


def test_several_years_add_up(tmp_path: Path) -> None:
    status = statuses_of(tmp_path, [gdp(str(year), 1) for year in range(2021, 2024)], "2024-02-01")["five_years"]
    assert status.figure is not None and status.figure.period == "2021-01-01/P36M"
    assert status.value == Decimal(30_000)


def test_units_are_converted(tmp_path: Path) -> None:
    status = statuses_of(tmp_path, [gdp("2021", 3, "north")], "2022-02-01")["in_thousands"]
    assert (status.value, status.course) == (Decimal(3), "reached")


def test_another_places_value_does_not_count(tmp_path: Path) -> None:
    assert statuses_of(tmp_path, [gdp("2021", 3, "north")], "2022-02-01")["elsewhere"].course == "no evidence"


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Measure]:
    ledger = Ledger.create(tmp_path_factory.mktemp("real") / "ledger")
    load_evidence(ledger, read_city(ZHANGJIAGANG), ZHANGJIAGANG, "tester")
    yield Measure(ledger)


def test_the_two_headline_promises_have_no_evidence_yet(real: Measure) -> None:
    headline = [each for each in statuses(real, date(2021, 7, 1)) if each.target.headline]
    assert [(each.target.value, each.course, each.door) for each in headline] == [
        (100, "no evidence", "form"),
        (500, "no evidence", "telemetry"),
    ]


def test_every_target_of_the_evidence_is_a_target(real: Measure) -> None:
    stated = real.ledger.observations(real._connection)
    rows = real._connection.to_pyarrow(stated.filter(stated.kind == "target"))
    assert len(real.city.targets) == rows.num_rows == 48


def test_known_courses(real: Measure) -> None:
    found = {each.target.id: each for each in statuses(real, date(2026, 11, 24))}
    assert found["hightech_output_share_2025"].course == "unproved"
    assert found["hightech_output_share_2025"].value == 23
    carriers = next(each for key, each in found.items() if key.startswith("innovation_carrier_area_2025"))
    assert (carriers.course, carriers.value, carriers.share) == ("reached", 500, Decimal("125.0"))
