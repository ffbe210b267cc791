"""What the checks of a report found, sentence by sentence."""

from __future__ import annotations

from collections.abc import Iterable

from shazhou.city.problem import Problem


def by_sentence(problems: Iterable[Problem]) -> dict[str, list[Problem]]:
    """The problems by the sentence that they are about; by their place where they are about none."""
    distinct: dict[tuple[object, ...], Problem] = {}
    for each in problems:
        distinct.setdefault((each.rule.id, each.where, each.found, *sorted(each.values.items())), each)
    found: dict[str, list[Problem]] = {}
    for each in distinct.values():
        found.setdefault(each.values.get("sentence", "") or str(each.where), []).append(each)
    return found
