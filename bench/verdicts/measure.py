"""Verdicts against labels: precision and recall of online hours, detection of frauds, delay per fault."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from verdicts.factories import T
from verdicts.troubles import FAULTS, FRAUDS, Trouble

SHARE = 0.6
"""What the rule asks of an hour's working time; the labels are by the same rule, the factories' truth in place of what
was seen."""


@dataclass(frozen=True)
class Score:
    """Of hours called online: how many are, and of those that are, how many are called so."""

    right: int
    wrong: int
    missed: int

    @classmethod
    def of(cls, said: Any, label: Any) -> Score:
        return cls(int((said & label).sum()), int((said & ~label).sum()), int((~said & label).sum()))

    @property
    def precision(self) -> float:
        return self.right / max(self.right + self.wrong, 1)

    @property
    def recall(self) -> float:
        return self.right / max(self.right + self.missed, 1)

    def __str__(self) -> str:
        said = f"precision {self.precision:.4f}  recall {self.recall:.4f}"
        return f"{said}  ({self.wrong:,} wrong, {self.missed:,} missed of {self.right + self.missed:,})"


def share(minutes: Any, working: Any) -> Any:
    """Factories x hours: whether the minutes fill the share of the hour's working time."""
    count, of = (each.reshape(len(each), -1, 60).sum(axis=2) for each in (minutes & working, working))
    return (of > 0) & (count >= SHARE * of) & (count > 0)


def groups(troubles: list[Trouble], count: int) -> dict[str, Any]:
    """Which factories have which trouble."""
    kind = np.array(["honest"] * count, dtype=object)
    for each in troubles:
        kind[each.factory] = each.kind
    return {
        "honest and faulty": ~np.isin(kind, FRAUDS),
        "faulty only": np.isin(kind, FAULTS),
        "all with frauds": np.ones(count, dtype=bool),
    }


def errors(troubles: list[Trouble], said: Any, label: Any) -> dict[str, tuple[int, int]]:
    """By kind of factory, frauds apart: hours wrongly called online, and hours that were and were not called so."""
    kind = {each.factory: each.kind for each in troubles}
    found: dict[str, tuple[int, int]] = {}
    for factory in range(len(said)):
        name = kind.get(factory, "honest")
        if name not in FRAUDS:
            wrong, missed = found.get(name, (0, 0))
            wrong += int((said[factory] & ~label[factory]).sum())
            found[name] = (wrong, missed + int((~said[factory] & label[factory]).sum()))
    return found


def delays(troubles: list[Trouble], level: Any, label: Any, counted: Any) -> dict[str, list[float]]:
    """By fault, minutes from its beginning to the end of the first working hour that was rightly not called online;
    infinite where none was although some should have been."""
    found: dict[str, list[float]] = {}
    for each in troubles:
        if each.kind not in FAULTS:
            continue
        first, last = each.start // 60, min(-(-each.stop // 60), level.shape[1])
        wrong = np.flatnonzero(counted[each.factory, first:last] & ~label[each.factory, first:last]) + first
        if len(wrong):
            seen = wrong[level[each.factory, wrong] < 3]
            found.setdefault(each.kind, []).append(float((seen[0] + 1) * 60 - each.start) if len(seen) else np.inf)
    return found


def frauds(troubles: list[Trouble], level: Any, counted: Any) -> dict[str, tuple[int, int, float, int]]:
    """By fraud: factories, those of which any hour was lowered, share of their working hours that were, and those that
    were called online on no more than a tenth of their hours."""
    found: dict[str, tuple[int, int, float, int]] = {}
    for kind in FRAUDS:
        several, caught, hours, lowered, stopped = 0, 0, 0, 0, 0
        for each in troubles:
            if each.kind != kind or each.start // T >= level.shape[1] // 24:
                continue
            when = slice(each.start // 60, level.shape[1])
            own = counted[each.factory, when]
            low = (level[each.factory, when] < 3) & own
            several, hours, lowered = several + 1, hours + int(own.sum()), lowered + int(low.sum())
            caught += int(low.sum()) >= 0.5 * int(own.sum())
            stopped += int(low.sum()) >= 0.9 * int(own.sum())
        if several:
            found[kind] = (several, caught, lowered / max(hours, 1), stopped)
    return found
