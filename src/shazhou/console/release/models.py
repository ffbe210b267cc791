"""Released heads, and which figures of unpublished evidence were cleared at each."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Release(models.Model):
    """A head that somebody released. ``sequence`` is the number of submissions at it; releases only go forward.
    ``counts``: how many figures were cleared and how many withheld, by reason."""

    head = models.CharField(max_length=64, unique=True)
    sequence = models.PositiveIntegerField(unique=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    note = models.CharField(max_length=500, blank=True)
    counts = models.JSONField(default=dict)

    class Meta:
        ordering = ("-sequence",)


class Cleared(models.Model):
    """A figure that a release made open to all. A later release that does not clear the same cell leaves it as it
    was: what has once been published stays."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="cleared")
    indicator = models.CharField(max_length=64)
    place = models.CharField(max_length=100)
    industry = models.CharField(max_length=64, blank=True)
    period = models.CharField(max_length=40)

    class Meta:
        indexes = [models.Index(fields=("indicator", "period", "place", "industry"), name="cleared_cell")]
        constraints = [
            models.UniqueConstraint(
                fields=("release", "indicator", "place", "industry", "period"), name="cleared_once_a_release"
            )
        ]
