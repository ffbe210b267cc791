"""People, what they were granted, and the log of what they did."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models

from shazhou.console.access.rules import BY_KEY


class Person(AbstractUser):
    """Somebody with an account. Django's own staff and superuser flags are not used: rights come from grants."""

    title = models.CharField(max_length=200, blank=True)


class Assignment(models.Model):
    """A role that somebody was granted, within places (keys) and enterprises (ids)."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="assignments")
    role = models.CharField(max_length=20, choices=[(key, key) for key in BY_KEY])
    places = models.JSONField(default=list, blank=True)
    enterprises = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ("person", "id")


class Happening(models.Model):
    """One line of the audit log; never changed and never deleted."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True)
    name = models.CharField(max_length=150, blank=True)
    """The name given at sign-in where nobody is known by it."""
    what = models.CharField(max_length=40, db_index=True)
    subject = models.CharField(max_length=300, blank=True)
    details = models.JSONField(default=dict, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Only new lines are written."""
        if self.pk is not None:
            raise TypeError("the audit log is only added to")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Never."""
        raise TypeError("the audit log is only added to")
