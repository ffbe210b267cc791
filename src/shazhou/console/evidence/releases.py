"""Releases as the evidence knows them."""

from __future__ import annotations


def newest_release() -> int:
    """How many submissions there were at the newest release; 0 before the first."""
    from shazhou.console.release.models import Release

    newest = Release.objects.order_by("-sequence").values_list("sequence", flat=True).first()
    return newest or 0
