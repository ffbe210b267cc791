"""What all tests share."""

from __future__ import annotations

import gc

from hypothesis import settings

# Every test allocates many thousands of short-lived nodes of queries: to look through them as often as Python does by
# itself takes a tenth of all the time.
gc.set_threshold(100_000, 20, 20)

# How fast something is shows in bench/: a test that a busy machine fails tells nothing.
settings.register_profile("house", deadline=None)
settings.load_profile("house")
