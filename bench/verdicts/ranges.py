"""What factories, faults and frauds are drawn from. The detectors were written and their thresholds fixed while only
`DEVELOPMENT` was in use; `TEST` is what is measured with."""

from __future__ import annotations

from dataclasses import dataclass

Range = tuple[float, float]


@dataclass(frozen=True)
class Ranges:
    """From and to, or shares of choices, as told by each name; minutes unless said otherwise."""

    noise: Range
    memory: Range
    run: Range
    pause: Range
    breakdown: Range
    intervals: tuple[tuple[int, float], ...]
    resolutions: tuple[tuple[float, float], ...]
    outages_in_days: float
    outage: Range
    late: Range
    fault: Range
    drift: Range
    bad: Range
    duplicates: Range
    lag: Range
    fraction: Range
    scale: Range
    period: Range
    partial: Range


DEVELOPMENT = Ranges(
    noise=(0.01, 0.25),
    memory=(0.3, 0.97),
    run=(3.5, 0.7),
    pause=(1.6, 0.6),
    breakdown=(0.01, 0.06),
    intervals=((1, 0.4), (2, 0.2), (5, 0.2), (10, 0.15), (20, 0.05)),
    resolutions=((0.001, 0.35), (0.01, 0.4), (0.1, 0.2), (1.0, 0.05)),
    outages_in_days=7,
    outage=(3.0, 1.4),
    late=(1.5, 9.0),
    fault=(7.6, 1.0),
    drift=(0.7, 18.0),
    bad=(0.0, 0.65),
    duplicates=(0.3, 4.0),
    lag=(4, 420),
    fraction=(0.1, 0.9),
    scale=(0.7, 1.4),
    period=(40, 900),
    partial=(0.25, 0.6),
)
"""``run``, ``pause``, ``outage`` and ``fault`` are log-normal (mean and deviation of the logarithm of minutes);
``drift`` is minutes per day, ``late`` seconds, ``duplicates`` per minute."""

TEST = Ranges(
    noise=(0.005, 0.4),
    memory=(0.1, 0.99),
    run=(3.1, 0.9),
    pause=(1.9, 0.8),
    breakdown=(0.005, 0.1),
    intervals=((1, 0.3), (3, 0.25), (6, 0.2), (15, 0.15), (30, 0.1)),
    resolutions=((0.001, 0.25), (0.01, 0.4), (0.1, 0.25), (1.0, 0.1)),
    outages_in_days=4,
    outage=(3.4, 1.5),
    late=(1.0, 20.0),
    fault=(7.2, 1.2),
    drift=(0.5, 40.0),
    bad=(0.0, 0.72),
    duplicates=(0.2, 8.0),
    lag=(2, 700),
    fraction=(0.04, 0.96),
    scale=(0.5, 2.0),
    period=(15, 1400),
    partial=(0.15, 0.7),
)
