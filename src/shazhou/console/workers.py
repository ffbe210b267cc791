"""What gunicorn does with each worker: it is made ready before anybody's first click has to wait for that.

The ledger is opened beside the first requests: opening a large one may take longer than a worker may be silent.
"""

from __future__ import annotations

from importlib import import_module
from threading import Thread
from typing import Any


def post_worker_init(worker: Any) -> None:
    """Loads the pages, and begins to open the ledger."""
    from django.conf import settings

    import_module(settings.ROOT_URLCONF)
    Thread(target=open_newest, name="open-newest", daemon=True).start()


def open_newest() -> None:
    """Opens the newest head with what is kept of it, if there is one."""
    from shazhou.console.evidence import current
    from shazhou.console.evidence.coverage import coverage
    from shazhou.console.evidence.register import register

    if current.city_or_none() is not None:
        coverage(current.head())
        register()
