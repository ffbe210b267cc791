"""What a web server runs."""

from __future__ import annotations

import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shazhou.console.settings")

application = get_wsgi_application()


def _warm() -> None:
    """Loads the pages and opens the newest head, so that nobody's first click waits for that."""
    from shazhou.console.evidence.current import city_or_none

    import_module(settings.ROOT_URLCONF)
    city_or_none()


_warm()
