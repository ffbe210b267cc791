"""How the deployment is doing: what the site needs, how large it is, what waits, when it was backed up."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from shazhou.console.access.models import Person
from shazhou.console.backup import Backup, last_backup
from shazhou.console.desk.models import Return
from shazhou.console.desk.states import State
from shazhou.console.evidence.known import newest

LEAST_FREE = 200_000_000
"""Bytes that must be free: below this an append may fail."""

LIBRARIES = ("shazhou", "django", "deltalake", "duckdb", "ibis-framework", "pyarrow", "gunicorn", "django-ninja")


@dataclass(frozen=True)
class Health:
    """The state of a deployment; what could not be learnt is None."""

    ledger: bool
    database: bool
    disk: bool
    head: str
    submissions: int | None
    ledger_bytes: int
    disk_free: int
    disk_total: int
    people: int | None
    waiting: int | None
    backup: Backup | None

    @property
    def ok(self) -> bool:
        """Whether everything that the site needs is there."""
        return self.ledger and self.database and self.disk

    @property
    def checks(self) -> dict[str, bool]:
        """What was checked."""
        return {"ledger": self.ledger, "database": self.database, "disk": self.disk}


def checked() -> dict[str, bool]:
    """Whether ledger, database and disk are in order: what a load balancer asks every few seconds."""
    return {
        "ledger": newest() is not None,
        "database": _asked(lambda: Person.objects.exists()) is not None,
        "disk": shutil.disk_usage(_existing(settings.DEPLOYMENT.data)).free >= LEAST_FREE,
    }


def look() -> Health:
    """Looks at everything."""
    folder: Path = settings.DEPLOYMENT.data
    disk = shutil.disk_usage(_existing(folder))
    chain = newest()
    return Health(
        **checked(),
        head=chain[0] if chain is not None else "",
        submissions=chain[1] if chain is not None else None,
        ledger_bytes=size_of(folder),
        disk_free=disk.free,
        disk_total=disk.total,
        people=_asked(lambda: Person.objects.filter(is_active=True).count()),
        waiting=_asked(_waiting),
        backup=last_backup(settings.DEPLOYMENT.folder),
    )


def versions() -> dict[str, str]:
    """Versions of what the site runs on."""
    found = {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}
    return {**found, "database": connection.vendor}


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder; those that go while it is looked at count for nothing."""
    total, folders = 0, [folder]
    while folders:
        try:
            entries = list(os.scandir(folders.pop()))
        except OSError:
            continue
        folders += [Path(each.path) for each in entries if each.is_dir(follow_symlinks=False)]
        for each in entries:
            if each.is_file(follow_symlinks=False):
                try:
                    total += each.stat(follow_symlinks=False).st_size
                except FileNotFoundError:
                    continue
    return total


def _asked(question: Callable[[], int]) -> int | None:
    try:
        return question()
    except DatabaseError:
        return None


def _waiting() -> int:
    """Returns that wait for somebody's review."""
    return Return.objects.filter(state__in=[State.SUBMITTED.key, State.CHECKED.key]).count()


def _existing(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.exists())
