"""A small soak: each thing is killed or cut at least once within a minute."""

from __future__ import annotations

import pytest
from soaking import KILLS, Size, soak


@pytest.mark.slow
def test_every_sample_taken_is_stored_once_and_in_order_whatever_is_killed() -> None:
    size = Size(nodes=40, tags=10, seconds=40, gateways=2, seed=2, between=(0.5, 2), down=(0.5, 2))
    result = soak(size)
    assert set(result.breaks) == set(KILLS)
    assert result.records > size.nodes * 10
    assert result.stored == result.taken
    assert (result.repeated, result.lost, result.disordered, result.holes) == (0, 0, 0, 0)
    assert result.sent > 50 and result.missing > 0
    assert result.untold == 0
