"""People, what they were granted, and the log of what they did."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.contrib.auth.models import AbstractUser
from django.db import models

from shazhou.console.access.rules import BY_KEY


class Person(AbstractUser):
    """Somebody with an account. Django's own staff and superuser flags are not used: rights come from grants."""

    title = models.CharField(max_length=200, blank=True)
    founder = models.BooleanField(null=True, unique=True, default=None, editable=False)
    """True for the one whom the first-run page made, empty for all others: of two at once the database takes one."""


class Assignment(models.Model):
    """A role that somebody was granted, within places (keys) and enterprises (ids)."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="assignments")
    role = models.CharField(max_length=20, choices=[(key, key) for key in BY_KEY])
    places = models.JSONField(default=list, blank=True)
    enterprises = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ("person", "id")


def _refuse(*_: Any, **__: Any) -> NoReturn:
    raise TypeError("the audit log is only added to")


class _Added(models.QuerySet["Happening"]):
    """Lines that can be read and added, however many at once, but never changed or deleted."""

    update = aupdate = delete = adelete = _raw_delete = _update = bulk_update = abulk_update = _refuse
    update_or_create = aupdate_or_create = _refuse

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[Happening]:
        """Adds lines; never in the place of others."""
        lines = list(objs)
        if kwargs.get("update_conflicts") or any(each.pk is not None for each in lines):
            _refuse()
        return super().bulk_create(lines, *args, **kwargs)


class Happening(models.Model):
    """One line of the audit log; never changed and never deleted. `audit.seal` lets the database itself see to it."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True)
    name = models.CharField(max_length=150, blank=True)
    """The name given at sign-in where nobody is known by it."""
    what = models.CharField(max_length=40, db_index=True)
    subject = models.CharField(max_length=300, blank=True)
    details = models.JSONField(default=dict, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)

    objects: ClassVar[models.Manager[Happening]] = _Added.as_manager()

    class Meta:
        ordering = ("-id",)
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Only new lines are written."""
        if self.pk is not None:
            _refuse()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Never."""
        _refuse()
