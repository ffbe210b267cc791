"""What gunicorn does with each worker: it is made ready before anybody's first click has to wait for that.

The ledger is opened beside the first requests: opening a large one may take longer than a worker may be silent.
"""

from __future__ import annotations

import gc
from importlib import import_module
from threading import Thread
from typing import Any

from shazhou import COLLECTED_EVERY
from shazhou.console.serve import prepare_evidence


def post_worker_init(worker: Any) -> None:
    """Loads the pages, and begins to open the ledger."""
    from django.conf import settings

    import_module(settings.ROOT_URLCONF)
    gc.freeze()
    gc.set_threshold(COLLECTED_EVERY)
    Thread(target=prepare_evidence, name="prepare-evidence", daemon=True).start()
