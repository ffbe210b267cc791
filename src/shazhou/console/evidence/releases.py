"""Releases as the evidence knows them."""

from __future__ import annotations

from shazhou.console.evidence import current
from shazhou.ledger.ledger import AsOf


def newest_sequence() -> int:
    """How many submissions there were at the newest release; 0 before the first."""
    from shazhou.console.release.models import Release

    newest = Release.objects.order_by("-sequence").values_list("sequence", flat=True).first()
    return newest or 0


def newest_head(as_of: AsOf = None) -> str:
    """The newest released head up to a moment; empty where nothing had been released.

    Raises:
        Refused: there is no such head.
    """
    from shazhou.console.release.models import Release

    sequence = len(current.ledger().submissions(as_of))
    found = Release.objects.filter(sequence__lte=sequence).values_list("head", flat=True).first()
    return found or ""
