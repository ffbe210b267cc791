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
INDICATORS = {
    "gdp": ("value(gdp)", "10k_cny", 0),
    "margin": ("value(margin)", "percent", 1),
    "large": ('count(size == "large")', "count", 0),
}
YEAR = {"indicator": "gdp", "value": 120, "unit": "cny", "period": "2021"}
TARGETS: dict[str, dict[str, Any]] = {
    "year": YEAR,
    "later": {**YEAR, "period": "2025"},
    "five_years": {**YEAR, "period": "2021-01-01/P5Y", "value": 600},
    "in_thousands": {**YEAR, "value": "1.2", "unit": "10k_cny", "place": "north"},
    "elsewhere": {**YEAR, "place": "south"},
    "margin": {"indicator": "margin", "value": 48, "unit": "percent", "period": "2025"},
    "large": {"indicator": "large", "value": 100, "unit": "count", "period": "2021", "baseline": 0},
    "large_from_somewhere": {"indicator": "large", "value": 100, "unit": "count", "period": "2021"},
}


def statuses_of(folder: Path, rows: list[dict[str, Any]], today: str, **changed: Any) -> dict[str, TargetStatus]:
    """The statuses by target; ``changed``: other fields of the target `later`."""
    files = city_files(INDICATORS)
    sources = json.loads(files["sources.yaml"])
    sources["sources"]["office"]["date"] = "2021-03-01"
    defaults = {"name": {"zh": "目标", "en": "target"}, "place": "city", "direction": ">=", "source": "office"}
    files["sources.yaml"] = json.dumps(sources).encode()
    targets = {**TARGETS, "later": {**TARGETS["later"], **changed}}
    files["targets.yaml"] = json.dumps({key: {**defaults, **each} for key, each in targets.items()}).encode()
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
    rows, goal = [gdp("2025-01-01/P6M", 72)], 1_440_000
    status = statuses_of(tmp_path, rows, "2025-06-30", value=goal)["later"]
    assert (status.value, status.share, status.course) == (Decimal(720_000), Decimal("50.0"), "on course")
    assert (status.needed, status.needed_per) == (Decimal("119103.3"), "month")  # over 184 days of 30.4375 to the month


def test_a_flow_of_a_future_year_is_a_level_and_needs_growth_per_year(tmp_path: Path) -> None:
    rows = [gdp("2019", 4530), gdp("2023", 3500)]
    status = statuses_of(tmp_path, rows, "2024-06-01", value=6500, unit="10k_cny", direction=">")["later"]
    assert status.figure is not None and status.figure.period == "2023"
    assert (status.course, status.share) == ("behind", Decimal("53.8"))  # the line from 4,530 is at 5,843
    assert (status.needed, status.needed_per) == (Decimal("1500.0"), "year")


def test_the_output_of_an_earlier_year_does_not_reach_the_goal_of_a_later_one(tmp_path: Path) -> None:
    rows = [gdp("2019", 4530), gdp("2023", 7000)]
    status = statuses_of(tmp_path / "a", rows, "2024-06-01", value=6500, unit="10k_cny")["later"]
    assert (status.course, status.needed, status.needed_per) == ("on course", None, "")
    assert statuses_of(tmp_path / "b", rows, "2026-06-01", value=6500, unit="10k_cny")["later"].course == "unproved"


def test_a_year_before_the_promise_is_shown_and_is_no_progress(tmp_path: Path) -> None:
    found = statuses_of(tmp_path, [gdp("2019", 100)], "2020-07-01", value=220, unit="10k_cny")["later"]
    assert found.figure is not None and found.figure.period == "2019"
    assert (found.course, found.share) == ("open", Decimal("45.5"))
    assert (found.needed, found.needed_per) == (Decimal("20.0"), "year")


def test_a_part_of_another_year_is_shown_and_never_compared(tmp_path: Path) -> None:
    rows = [gdp("2019", 4530), gdp("2021-01-01/P6M", 2868)]
    for day, judged in (("2024-06-01", "open"), ("2026-06-01", "unproved")):
        status = statuses_of(tmp_path / day, rows, day, value=6500, unit="10k_cny")["later"]
        assert status.figure is not None and status.figure.period == "2021-01-01/P6M"
        assert (status.value, status.course) == (Decimal(2868), judged)
        assert (status.share, status.needed, status.needed_per) == (None, None, "")


def test_a_rate_of_a_part_of_a_year_counts(tmp_path: Path) -> None:
    rows = [
        {"entity": "place:city", "variable": "margin", "period": period, "value": value, "unit": "percent"}
        for period, value in (("2019", "36"), ("2021-01-01/P6M", "39.2"))
    ]
    status = statuses_of(tmp_path, rows, "2022-01-01")["margin"]
    assert status.figure is not None and status.figure.period == "2021-01-01/P6M"
    assert (status.value, status.share, status.course) == (Decimal("39.2"), Decimal("81.7"), "on course")
    assert (status.needed, status.needed_per) == (Decimal("2.0"), "year")  # 8.8 in 4.5 years


def test_what_is_begun_from_nothing_is_judged_by_the_time_that_has_passed(tmp_path: Path) -> None:
    rows = [
        {"entity": f"enterprise:e{number}", "variable": variable, "period": period, "text": text}
        for number in range(20)
        for variable, period, text in (
            ("place", "2021-01", "city"),
            ("size", "2021-03" if number < 11 else "2021-10", "large"),
        )
    ]
    found = statuses_of(tmp_path, rows, "2021-07-01")
    status = found["large"]
    assert (status.value, status.share, status.course) == (11, Decimal("11.0"), "behind")
    assert (status.needed, status.needed_per) == (Decimal("14.8"), "month")  # 89 over 183 days
    assert status.figure is not None and status.figure.period == "2021-01-01/P182D"  # nine more came in October
    assert found["large_from_somewhere"].course == "open"


@pytest.mark.slow
@pytest.mark.parametrize("mark", [{"origin": "simulated"}, {"origin": "recorded"}, {"status": "F"}])
def test_what_was_not_observed_never_reaches_a_target(tmp_path: Path, mark: dict[str, str]) -> None:
    rows = [{**gdp("2021", 200), **mark}]
    during, after = (statuses_of(tmp_path / day, rows, day)["year"] for day in ("2021-12-01", "2022-07-01"))
    assert (during.course, after.course, after.value) == ("open", "unproved", Decimal(2_000_000))


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


@pytest.mark.slow
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


@pytest.mark.slow
def test_older_and_partial_evidence_is_shown_with_its_period(real: Measure) -> None:
    found = {each.target.id: each for each in statuses(real, date(2024, 11, 24))}
    shown = {key: (each.value, each.figure.period) for key, each in found.items() if each.figure}
    assert shown["output_hydrogen_2035"] == (140, "2021")
    assert shown["industrial_output_above_scale_2025"] == (2868, "2021-01-01/P6M")
    assert shown["strategic_emerging_share_2025"] == (Decimal("39.2"), "2021-01-01/P6M")
    assert (found["output_hydrogen_2035"].needed, found["output_hydrogen_2035"].needed_per) == (Decimal("61.4"), "year")


@pytest.mark.slow
def test_known_courses(real: Measure) -> None:
    found = {each.target.id: each for each in statuses(real, date(2026, 11, 24))}
    assert found["hightech_output_share_2025"].course == "unproved"
    assert found["hightech_output_share_2025"].value == 23
    carriers = next(each for key, each in found.items() if key.startswith("innovation_carrier_area_2025"))
    assert (carriers.course, carriers.value, carriers.share) == ("reached", 500, Decimal("125.0"))
