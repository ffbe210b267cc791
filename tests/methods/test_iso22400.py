"""ISO 22400-2: published numbers, numbers by hand, and what must hold for any elements."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shazhou.methods.iso22400 import KPIS, Kpi, kpis

BY_HAND = {
    "PBT": 400.0,
    "APT": 240.0,
    "AUST": 60.0,
    "ADET": 40.0,
    "AOET": 500.0,
    "PRI": 2.0,
    "PQ": 100.0,
    "GQ": 90.0,
    "SQ": 4.0,
    "FE": 3.0,
    "TBF": 400.0,
    "TTR": 40.0,
    "E": 25.0,
}
TIMES = st.floats(1e-3, 1e7)
ELEMENTS = st.fixed_dictionaries(dict.fromkeys(BY_HAND, TIMES))


def value(name: str, elements: dict[str, float | None]) -> float:
    found = KPIS[name](elements)
    assert found.value is not None, found
    return found.value


def test_a_shift_as_published_by_vorne() -> None:
    """The worked example of Vorne Industries, oee.com, "Calculate OEE": a shift of 480 min with breaks of 60 min and
    stops of 47 min, ideal cycle 1.0 s, 19,271 widgets of which 423 rejected."""
    elements = {"PBT": 420 * 60, "APT": 373 * 60, "PRI": 1.0, "PQ": 19_271, "GQ": 19_271 - 423}
    found = {name: round(value(name, elements) * 100, 2) for name in ("availability", "effectiveness", "quality_ratio")}
    assert found == {"availability": 88.81, "effectiveness": 86.11, "quality_ratio": 97.80}
    assert round(value("oee", elements) * 100, 2) == 74.79


def test_a_day_as_published_by_waycalculator() -> None:
    """waycalculator.com, "OEE Calculator", example 1: 420 of 480 min, ideal cycle 1 min, 400 pieces, 380 good."""
    elements = {"PBT": 480, "APT": 420, "PRI": 1, "PQ": 400, "GQ": 380}
    found = [round(value(name, elements), 3) for name in ("availability", "effectiveness", "quality_ratio")]
    assert found == [0.875, 0.952, 0.95]
    assert value("oee", elements) == pytest.approx(380 / 480, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("availability", 0.6),  # 240 / 400
        ("effectiveness", 5 / 6),  # 2 * 100 / 240
        ("quality_ratio", 0.9),
        ("oee", 0.45),  # 2 * 90 / 400
        ("nee", 0.5625),  # 300 / 400 * 5 / 6 * 0.9
        ("utilisation_efficiency", 240 / 340),  # busy: 240 + 60 + 40
        ("allocation_efficiency", 0.85),  # 340 / 400
        ("allocation_ratio", 0.68),  # 340 / 500
        ("technical_efficiency", 6 / 7),  # 240 / 280
        ("setup_ratio", 0.2),  # 60 / 300
        ("scrap_ratio", 0.04),
        ("mtbf", 100.0),  # 400 / (3 + 1)
        ("mttr", 10.0),  # 40 / (3 + 1)
        ("energy_per_unit", 0.25),
    ],
)
def test_by_hand(name: str, expected: float) -> None:
    assert value(name, BY_HAND) == pytest.approx(expected, rel=1e-12)


def test_every_indicator_is_checked_by_hand() -> None:
    [mark] = [mark for mark in test_by_hand.pytestmark if mark.name == "parametrize"]
    assert [name for name, _ in mark.args[1]] == list(KPIS) == list(kpis(BY_HAND))


@pytest.mark.parametrize(
    ("name", "needs"),
    [
        ("availability", ("APT", "PBT")),
        ("effectiveness", ("PRI", "PQ", "APT")),
        ("oee", ("APT", "PBT", "PRI", "PQ", "GQ")),
        ("nee", ("APT", "AUST", "PBT", "PRI", "PQ", "GQ")),
        ("allocation_ratio", ("APT", "AUST", "ADET", "AOET")),
        ("technical_efficiency", ("APT", "ADET")),
        ("scrap_ratio", ("SQ", "PQ")),
        ("mtbf", ("TBF", "FE")),
        ("energy_per_unit", ("E", "PQ")),
    ],
)
def test_what_is_missing_is_named(name: str, needs: tuple[str, ...]) -> None:
    assert KPIS[name]({}) == Kpi(None, missing=needs)
    for lacking in needs:
        assert KPIS[name]({**BY_HAND, lacking: None}) == Kpi(None, missing=(lacking,))


def test_without_planned_busy_time_there_is_no_availability() -> None:
    idle = {**BY_HAND, "PBT": 0.0, "APT": 0.0, "PQ": 0.0, "GQ": 0.0}
    assert KPIS["availability"](idle) == Kpi(None, undefined=("PBT",))
    assert KPIS["quality_ratio"](idle) == Kpi(None, undefined=("PQ",))
    assert KPIS["oee"](idle) == Kpi(None, undefined=("PBT", "APT", "PQ"))


def test_a_machine_that_stood_all_its_planned_time_has_an_oee_of_zero() -> None:
    stood = {**BY_HAND, "APT": 0.0, "PQ": 0.0, "GQ": 0.0}
    assert KPIS["effectiveness"](stood) == Kpi(None, undefined=("APT",))
    assert KPIS["oee"](stood) == Kpi(0.0)
    assert KPIS["oee"]({**stood, "PRI": None}) == Kpi(None, missing=("PRI",)), "missing is not zero"


def test_a_share_over_one_is_told_and_flagged() -> None:
    wrong = {**BY_HAND, "PRI": 3.0}
    assert KPIS["effectiveness"](wrong) == Kpi(1.25, over_one=True)
    assert KPIS["oee"](wrong) == Kpi(pytest.approx(0.675), over_one=True)
    assert not KPIS["effectiveness"](BY_HAND).over_one
    assert not KPIS["mtbf"](BY_HAND).over_one, "hours are no share"
    assert not KPIS["energy_per_unit"]({"E": 500.0, "PQ": 1.0}).over_one


@pytest.mark.parametrize("wrong", [-1.0, float("nan"), float("inf")])
def test_an_element_is_a_number_and_not_below_zero(wrong: float) -> None:
    for element in ("APT", "PBT", "FE"):
        with pytest.raises(ValueError, match="not below zero"):
            kpis({**BY_HAND, element: wrong})


@given(ELEMENTS)
def test_oee_is_the_product_of_its_factors_and_what_good_pieces_should_have_taken(elements: dict[str, float]) -> None:
    factors = [value(name, elements) for name in ("availability", "effectiveness", "quality_ratio")]
    assert value("oee", elements) == pytest.approx(factors[0] * factors[1] * factors[2], rel=1e-9)
    assert value("oee", elements) == pytest.approx(elements["PRI"] * elements["GQ"] / elements["PBT"], rel=1e-9)


@given(ELEMENTS)
def test_efficiencies_hang_together(elements: dict[str, float]) -> None:
    """Availability is allocation times utilisation, and set-up lifts NEE over OEE."""
    product = value("allocation_efficiency", elements) * value("utilisation_efficiency", elements)
    assert value("availability", elements) == pytest.approx(product, rel=1e-9)
    assert value("nee", elements) == pytest.approx(
        value("oee", elements) / (1 - value("setup_ratio", elements)), rel=1e-6
    )


@given(ELEMENTS, st.floats(1e-3, 1e3))
def test_no_share_depends_on_the_unit_of_time(elements: dict[str, float], factor: float) -> None:
    times = {"PBT", "APT", "AUST", "ADET", "AOET", "PRI", "TBF", "TTR"}
    scaled = {name: each * factor if name in times else each for name, each in elements.items()}
    for name, found in kpis(scaled).items():
        expected = value(name, elements) * (factor if name in ("mtbf", "mttr") else 1)
        assert found.value == pytest.approx(expected, rel=1e-9)
