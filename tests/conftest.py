"""What all tests share."""

from __future__ import annotations

import gc

# Every test allocates many thousands of short-lived nodes of queries: to look through them as often as Python does by
# itself takes a tenth of all the time.
gc.set_threshold(100_000, 20, 20)
