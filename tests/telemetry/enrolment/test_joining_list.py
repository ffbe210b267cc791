"""A list of enterprises that join: what is said of a cell that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from register_city import register

from shazhou.city.problem import Language, Refused

LANGUAGES: tuple[Language, ...] = ("zh", "en")


@pytest.mark.parametrize(
    ("hours", "key", "rule", "hint"),
    [
        ("nine to five", "", "wrong-working-hours", "mon-fri 08:00-17:30"),
        ("", "c2hvcnQ=", "wrong-public-key", "shazhou edge key"),
    ],
)
def test_wrong_hours_or_a_wrong_key_were_to_be_compared_with_a_certificate(
    tmp_path: Path, hours: str, key: str, rule: str, hint: str
) -> None:
    row = f"某厂甲,Works A,锦丰镇,metallurgy,2026-09-01,2026-12,{hours},{key},"
    with pytest.raises(Refused) as refused:
        register(tmp_path, row)
    (problem,) = refused.value.problems
    assert problem.rule.id == rule
    assert all(hint in problem.mend(language) for language in LANGUAGES)
