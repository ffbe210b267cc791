"""What the pages know of the machines: the store beside the ledger, the register, and the wall, kept for as long as the
host writes nothing new."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest

from shazhou.city.problem import Refused
from shazhou.console.access.rules import Subject
from shazhou.console.evidence import current
from shazhou.console.evidence.visible import Sight
from shazhou.telemetry.enrolment import Enrolled, enrolled
from shazhou.telemetry.presence.verdict import Verdict
from shazhou.telemetry.store.store import Store, folder_of
from shazhou.telemetry.wall.reading import month_verdicts, read_wall
from shazhou.telemetry.wall.standing import Standing, Wall


def store() -> Store | None:
    """The store of this deployment; None where no host has ever run."""
    folder = folder_of(settings.DEPLOYMENT.data)
    try:
        return _open(folder)
    except Refused:
        return None


def now() -> int:
    """Milliseconds since 1970 UTC."""
    return int(time.time() * 1000)


@lru_cache(maxsize=4)
def register(head: str) -> Mapping[str, Enrolled]:
    """The enterprises that are in the register as joining, by node."""
    return enrolled(current.ledger(), current.city(head), head)


def wall(head: str, month: str, now: int) -> Wall:
    """All enterprises of the register as they stand now, with the verdicts of a month.

    Raises:
        ValueError: it is no month.
    """
    kept = store()
    judged = _verdicts(head, month, _version(kept)) if kept is not None else ()
    return read_wall(kept, register(head), judged, month, now, current.city(head).zone)


def subject(request: HttpRequest, node: str, **_: str) -> Subject:
    """The enterprise of an address as the subject of access; one that is in no register is about nothing that anybody
    but those who see everywhere may see."""
    try:
        found = register(current.head()).get(node)
    except Refused:
        found = None
    return Subject(f"enterprise:{node}") if found is None else Subject(found.entity, frozenset({found.town} - {""}))


def seen(wall: Wall, how_far: Sight) -> tuple[Standing, ...]:
    """The enterprises of the wall that somebody sees."""
    return tuple(each for each in wall.standings if how_far.reaches(each.entity, each.town))


def ever_heard(store: Store, node: str, device: str, now: int) -> bool:
    """Whether anything was ever heard of a machine: now, in a minute that is kept, or in an hour."""
    if device in store.live().get("nodes", {}).get(node, {}).get("devices", {}):
        return True
    return bool(store.machines(0, now, node, device) or store.machine_hours(0, now, node, device).num_rows)


@lru_cache(maxsize=2)
def _open(folder: Path) -> Store:
    return Store.open(folder)


def _version(kept: Store) -> int:
    """Changes whenever hours are computed anew: each day's file is replaced whole."""
    folder = kept.folder / "hours"
    return folder.stat().st_mtime_ns if folder.is_dir() else 0


@lru_cache(maxsize=8)
def _verdicts(head: str, month: str, version: int) -> tuple[Verdict, ...]:
    return month_verdicts(store(), register(head), current.city(head), month)
