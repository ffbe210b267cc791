"""Outliers by the modified z-score; the expected scores are worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shazhou.console.desk.outlier import standing


def decimals(*values: str) -> list[Decimal]:
    return [Decimal(value) for value in values]


def test_the_score_is_the_distance_from_the_median_in_median_deviations() -> None:
    # Others 1, 2, 3, 4, 5: median 3, deviations 2 1 0 1 2, MAD 1; 0.6745 (8 - 3) / 1 = 3.3725.
    found = standing(Decimal(8), decimals("1", "2", "3", "4", "5"), level=False)
    assert found is not None and found.score == pytest.approx(3.3725)
    assert (found.middle, found.count, found.stands_out) == (3, 5, False)
    # 0.6745 (8.2 - 3) / 1 = 3.5074, and as far on the other side.
    for value in ("8.2", "-2.2"):
        further = standing(Decimal(value), decimals("1", "2", "3", "4", "5"), level=False)
        assert further is not None and abs(further.score) == pytest.approx(3.5074) and further.stands_out


def test_levels_are_compared_by_factors() -> None:
    # Logarithms to base 10 are 0 1 2 3 4: median 2, MAD 1; for 10^6 the score is 0.6745 (6 - 2) = 2.698.
    found = standing(Decimal(10**6), decimals("1", "10", "100", "1000", "10000"), level=True)
    assert found is not None and found.score == pytest.approx(2.698)


def test_where_more_than_half_are_equal_the_mean_deviation_judges() -> None:
    # Others 5 5 5 5 10: MAD 0, mean absolute deviation 1; (10 - 5) / (1.253314 · 1) = 3.98942.
    found = standing(Decimal(10), decimals("5", "5", "5", "5", "10"), level=False)
    assert found is not None and found.score == pytest.approx(3.98942, rel=1e-5) and found.stands_out


@pytest.mark.parametrize("others", [("1", "2", "3", "4"), ("7", "7", "7", "7", "7", "7")])
def test_too_few_or_equal_values_judge_nobody(others: tuple[str, ...]) -> None:
    assert standing(Decimal(100), decimals(*others), level=False) is None


def test_a_level_that_is_not_above_zero_is_compared_as_it_is() -> None:
    found = standing(Decimal(0), decimals("1", "2", "3", "4", "5"), level=True)
    assert found is not None and found.score == pytest.approx(-2.0235)
