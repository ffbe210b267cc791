"""Running the site: makes what is missing, brings the database up to date, and hands over to the web server.

The server is a process of its own that starts afresh: a process that has used the ledger must not be forked, since
the storage engine's threads do not live on in the child.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from shazhou.console.deployment import Deployment


def prepare() -> None:
    """The database's tables and the static files, up to date; SHAZHOU_DATA and the like are in the environment."""
    Deployment.of_environment().prepare()
    start_django()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)


def start_django() -> None:
    """Loads the site, without a server."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shazhou.console.settings")
    django.setup()


def run(host: str, port: int, workers: int, threads: int) -> NoReturn:
    """Becomes the web server."""
    command = [sys.executable, "-m", "gunicorn", "shazhou.console.wsgi:application", f"--bind={host}:{port}"]
    command += [f"--workers={workers}", "--worker-class=gthread", f"--threads={threads}", "--timeout=120"]
    os.execv(sys.executable, command)
