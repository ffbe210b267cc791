"""What a web server runs."""

from __future__ import annotations

import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shazhou.console.settings")

application = get_wsgi_application()


def _warm() -> None:
    """Loads the pages and what is kept of the newest head, so that nobody's first click waits for that."""
    from shazhou.console.evidence import current
    from shazhou.console.evidence.coverage import coverage
    from shazhou.console.evidence.register import register

    import_module(settings.ROOT_URLCONF)
    if current.city_or_none() is not None:
        coverage(current.head())
        register()


_warm()
