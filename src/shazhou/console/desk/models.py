"""Returns, their cells, and the history of who did what with them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from shazhou.console.desk.states import BY_KEY, CLOSED, State

_STATES = [(key, key) for key in BY_KEY]
_CLOSED = [state.key for state in CLOSED]


class Return(models.Model):
    """What an entity reports for a collection in a period. A correction of an approved return is a new revision."""

    collection = models.CharField(max_length=64)
    entity = models.CharField(max_length=120)
    period = models.CharField(max_length=40)
    revision = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=20, choices=_STATES, default=State.DRAFT.key, db_index=True)
    version = models.PositiveIntegerField(default=1)
    """Rises with every change; whoever changes the return names the version that they saw."""
    submission = models.CharField(max_length=300, blank=True)
    """Id of the ledger's submission, once approved."""
    changed_at = models.DateTimeField(auto_now=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    unlocked = models.TextField(blank=True)
    """Why the bureau handed it in after its lock date."""

    class Meta:
        ordering = ("-changed_at", "-id")
        constraints = [
            models.UniqueConstraint(fields=["collection", "entity", "period", "revision"], name="one_revision"),
            models.UniqueConstraint(
                fields=["collection", "entity", "period"], condition=~Q(state__in=_CLOSED), name="one_open_return"
            ),
            models.CheckConstraint(condition=Q(state__in=list(BY_KEY)), name="known_state"),
        ]

    @property
    def at(self) -> State:
        """The state as the Enum that knows what may be done."""
        return State.of(self.state)


class Cell(models.Model):
    """The value of one variable, as it was typed; the reason for which a reviewer sent it back."""

    within = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="cells")
    variable = models.CharField(max_length=64)
    text = models.TextField(blank=True)
    unit = models.TextField(blank=True)
    note = models.TextField(blank=True)
    prefilled = models.BooleanField(default=False)
    """Taken over untouched from what the ledger held."""
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["within", "variable"], name="one_cell_per_variable")]


class Step(models.Model):
    """One line of a return's history; only added to. Without a person: done by the site itself."""

    within = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="steps")
    at = models.DateTimeField(auto_now_add=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True)
    act = models.CharField(max_length=20)
    state = models.CharField(max_length=20, choices=_STATES)
    """The state that followed."""
    version = models.PositiveIntegerField()
    reason = models.TextField(blank=True)
    reasons = models.JSONField(default=dict, blank=True)
    """Reasons by variable, where cells were sent back."""

    class Meta:
        ordering = ("id",)


class Upload(models.Model):
    """The last file that was uploaded for a return, with its errors marked in it."""

    within = models.OneToOneField(Return, on_delete=models.CASCADE, related_name="upload")
    at = models.DateTimeField(auto_now=True)
    name = models.CharField(max_length=200)
    problems = models.JSONField(default=list, blank=True)
    """Each as `shazhou.city.problem.Problem.as_dict` gives it."""
    marked = models.BinaryField(default=b"")
