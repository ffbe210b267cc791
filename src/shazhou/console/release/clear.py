"""Releasing a head: what it would publish, and doing it."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

from django.db import transaction

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.console.access.models import Person
from shazhou.console.evidence import current
from shazhou.console.release.models import Cleared, Release
from shazhou.measure.disclosure import Clearance, Earlier, clearance
from shazhou.measure.figure import Cell
from shazhou.measure.measure import Measure

ALREADY_RELEASED = Rule(
    "already-released",
    "Head {found} was released before, or a later one was.",
    "账头 {found} 或更新的账头此前已发布。",
    "Releases only go forward: release the newest head.",
    "发布只能向前进行，请发布最新账头。",
)
RELEASED_MEANWHILE = Rule(
    "released-meanwhile",
    "Somebody else has released a head since this page was opened.",
    "打开本页之后，已有他人发布了账头。",
    "Look at what would be published once more, then release.",
    "请重新核对拟发布内容后再发布。",
)


def sequence_of(head: str) -> int:
    """How many submissions there are at a head.

    Raises:
        Refused: there is no such head.
    """
    return len(current.ledger().submissions(head))


def newest() -> Release | None:
    """The newest release."""
    return Release.objects.first()


def clearance_at(head: str) -> Clearance:
    """What a release of a head would publish and withhold, after all releases that there are.

    Raises:
        Refused: there is no such head, or it is no newer than the newest release.
    """
    last = newest()
    if last is not None and sequence_of(head) <= last.sequence:
        raise Refused([Problem(ALREADY_RELEASED, Where(), head[:12])])
    return _clearance(head, tuple(Release.objects.order_by("sequence").values_list("id", flat=True)))


def release(person: Person, head: str, note: str, after: int) -> Release:
    """Releases a head; ``after`` is the id of the release that was newest when its contents were looked at, 0 for none.

    Raises:
        Refused: there is no such head, it is no newer than the newest release, or somebody released one meanwhile.
    """
    found = clearance_at(head)
    counts: dict[str, int] = dict(Counter(each.reason or "published" for each in found.decisions))
    counts["kept"] = sum(each.kept for each in found.decisions)
    with transaction.atomic():
        last = Release.objects.select_for_update().first()
        if (last.pk if last is not None else 0) != after:
            raise Refused([Problem(RELEASED_MEANWHILE, Where())])
        made = Release.objects.create(
            head=head, sequence=sequence_of(head), person=person, note=note[:500].strip(), counts=counts
        )
        rows = [Cleared(release=made, **_named(cell)) for cell in found.cleared]
        Cleared.objects.bulk_create(rows, batch_size=5_000)
    return made


@lru_cache(maxsize=4)
def _clearance(head: str, releases: tuple[int, ...]) -> Clearance:
    # A measure of its own: it takes seconds, and whoever else looks at this head need not wait.
    measure = Measure(current.ledger(), head)
    return clearance(measure, [_earlier(Release.objects.get(pk=each)) for each in releases])


def _earlier(of: Release) -> Earlier:
    names = ("indicator", "place", "period", "industry")
    return Earlier(of.head, [Cell(*row) for row in of.cleared.values_list(*names)])


def _named(cell: Cell) -> dict[str, str]:
    return {name: getattr(cell, name) for name in ("indicator", "place", "industry", "period")}
