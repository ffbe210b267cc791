"""What `shazhou targets` says of a value: its sign, its marks, and per what something is needed."""

from __future__ import annotations

from pathlib import Path

import pytest
from shell import shazhou


@pytest.fixture(scope="module")
def judged(loaded: Path) -> tuple[dict[str, dict[str, object]], str, str]:
    data = {row["id"]: row for row in shazhou("targets", "--json", "--today", "2025-12-31", data=loaded).json}
    texts = [shazhou("targets", "--today", "2025-12-31", data=loaded, lang=lang).out for lang in ("en", "zh")]
    return data, texts[0], texts[1]


def test_a_sign_is_told_in_text_and_json(judged: tuple[dict[str, dict[str, object]], str, str]) -> None:
    data, english, chinese = judged
    row = data["output_hydrogen_2035"]
    assert (row["qualifier"], row["status"], row["simulated"], row["recorded"]) == (">", "actual", False, False)
    assert "so far > 100.0 100 million CNY (2025)" in english and "目前 > 100.0 亿元 (2025)" in chinese


def test_a_mark_is_told_in_text_and_json(judged: tuple[dict[str, dict[str, object]], str, str]) -> None:
    data, english, chinese = judged
    assert data["output_hydrogen_2020"]["disputed"] is True
    assert "5.0 100 million CNY (sources differ) (2017)" in english and "5.0 亿元 (来源不一) (2017)" in chinese


def test_a_need_says_per_what(judged: tuple[dict[str, dict[str, object]], str, str]) -> None:
    data, english, chinese = judged
    row = data["output_hydrogen_2035"]
    assert (row["needed"], row["needed_per"]) == ("90.0", "year")
    assert "needs 90.0 100 million CNY a year" in english and "每年需 90.0 亿元" in chinese


def test_without_evidence_nothing_is_told_of_it(judged: tuple[dict[str, dict[str, object]], str, str]) -> None:
    row = judged[0]["four_clusters_revenue_2025"]
    assert row["course"] == "no evidence"
    told = ("figure", "qualifier", "status", "disputed", "simulated", "recorded", "needed", "needed_per")
    assert {row[name] for name in told} == {None}
