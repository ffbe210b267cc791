"""Values that stand out: the modified z-score of Iglewicz and Hoaglin.

    M = 0.6745 (x − median) / MAD          |M| > 3.5 stands out

B. Iglewicz and D. C. Hoaglin, *How to Detect and Handle Outliers*, ASQC Quality Press, 1993, pp. 11-13. Where more
than half of the others are equal, MAD is 0 and says nothing: the mean absolute deviation takes its place with the
factor 1.253314 (the ratio of standard and mean absolute deviation of a normal distribution is √(π/2)). Where all others
are equal, there is no spread to judge by. Levels (flows, stocks) that are all above zero are compared by their
logarithms, since sizes of enterprises differ by factors; rates as they are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import fmean, median

FEWEST = 5
"""Others that a value must be compared with, at least."""

LIMIT = 3.5
"""Scores beyond this, on either side, stand out."""

_MAD = 0.6745
_MEAN = math.sqrt(math.pi / 2)


@dataclass(frozen=True)
class Standing:
    """How a value stands among others: its score, the median of the others in the value's unit, and how many they
    are."""

    score: float
    middle: Decimal
    count: int

    @property
    def stands_out(self) -> bool:
        """Whether the value is an outlier."""
        return abs(self.score) > LIMIT


def standing(value: Decimal, others: Sequence[Decimal], level: bool) -> Standing | None:
    """How a value stands among others; None where there are too few of them, or they are all equal.

    Args:
        value: the value.
        others: values to compare it with, in the same unit.
        level: whether they are levels, whose factors matter, and no rates.
    """
    if len(others) < FEWEST:
        return None
    by_factor = level and value > 0 and min(others) > 0
    numbers = [math.log(each) if by_factor else float(each) for each in others]
    number = math.log(value) if by_factor else float(value)
    centre = median(numbers)
    distances = [abs(each - centre) for each in numbers]
    mad, mean = median(distances), fmean(distances)
    if mean == 0:
        return None
    score = _MAD * (number - centre) / mad if mad > 0 else (number - centre) / (_MEAN * mean)
    return Standing(score, Decimal(median(others)), len(others))
