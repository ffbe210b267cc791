"""A choice survives its address, and what cannot be answered is refused in both languages."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from shazhou.city.folder import read_city
from shazhou.city.problem import Refused
from shazhou.console.indicators.board import _of_frequency
from shazhou.console.indicators.choice import CHARTS, FREQUENCIES, KINDS, Asked, chosen

CITY = read_city(Path(__file__).parents[2] / "cities" / "zhangjiagang")
WORDS = st.text(min_size=1, max_size=8).map(str.strip).filter(bool)
SEVERAL = st.lists(WORDS, max_size=3, unique=True).map(tuple)


@given(
    st.builds(
        Asked,
        indicators=SEVERAL,
        places=SEVERAL,
        industries=SEVERAL,
        first=WORDS,
        last=WORDS,
        frequency=st.sampled_from(FREQUENCIES),
        kind=st.sampled_from(KINDS),
        chart=st.sampled_from(CHARTS),
    )
)
def test_an_address_holds_the_whole_choice(asked: Asked) -> None:
    assert Asked.of(QueryDict(asked.query)) == asked


def test_what_is_left_out_is_the_city_all_industries_and_years() -> None:
    choice = chosen(Asked.of(QueryDict("indicator=gdp")), CITY)
    assert choice.series == (("gdp", "320582", ""),)
    assert (choice.asked.frequency, choice.first, choice.last) == ("A", None, None)


def test_all_industries_stand_beside_single_ones() -> None:
    choice = chosen(Asked.of(QueryDict("indicator=output&industry=-&industry=textiles")), CITY)
    assert choice.industries == ("", "textiles")


@pytest.mark.parametrize(
    ("query", "english", "chinese"),
    [
        ("indicator=nope", "There is no indicator nope.", "没有这个指标：nope。"),
        ("indicator=gdp&place=mars", "There is no place mars.", "没有这个地方：mars。"),
        ("indicator=gdp&place=enterprise:e1", "There is no place enterprise:e1.", "没有这个地方：enterprise:e1。"),
        ("indicator=gdp&industry=alchemy", "There is no industry alchemy.", "没有这个产业：alchemy。"),
        ("indicator=gdp&frequency=W", "There is no frequency W.", "没有这个频度：W。"),
        ("indicator=gdp&kind=rumour", "There is no kind of value rumour.", "没有这个数值类别：rumour。"),
        ("indicator=gdp&chart=pie", "There is no chart pie.", "没有这个图表类型：pie。"),
        (
            "indicator=gdp&from=soon",
            "soon is no period between 1900 and 2200.",
            "soon 不是 1900 年至 2200 年之间的时期。",
        ),
        (
            "indicator=gdp&to=0001",
            "0001 is no period between 1900 and 2200.",
            "0001 不是 1900 年至 2200 年之间的时期。",
        ),
        ("indicator=gdp&from=2021&to=2019", "The time runs backward: 2021 – 2019.", "起止时期颠倒：2021 – 2019。"),
    ],
)
def test_what_cannot_be_answered_is_refused(query: str, english: str, chinese: str) -> None:
    with pytest.raises(Refused) as refused:
        chosen(Asked.of(QueryDict(query)), CITY)
    [problem] = refused.value.problems
    assert (problem.says("en"), problem.says("zh")) == (english, chinese)


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(Refused) as refused:
        chosen(Asked.of(QueryDict("indicator=a&indicator=b&place=c&from=d")), CITY)
    assert [each.found for each in refused.value.problems] == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("frequency", "periods"),
    [
        ("A", ["2019", "2020"]),
        ("Q", ["2019-Q4", "2020-Q1"]),
        ("M", ["2019-11", "2019-12", "2020-01", "2020-02"]),
    ],
)
def test_periods_of_a_frequency_are_those_that_touch_the_time(frequency: str, periods: list[str]) -> None:
    assert list(_of_frequency(frequency, date(2019, 11, 30), date(2020, 2, 1))) == periods


def test_days_run_over_the_end_of_february() -> None:
    assert list(_of_frequency("D", date(2020, 2, 28), date(2020, 3, 1))) == ["2020-02-28", "2020-02-29", "2020-03-01"]
