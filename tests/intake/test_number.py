"""Numbers as people write them: each form is understood or refused, none is guessed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shazhou.city.unit import UNITS, unit_named
from shazhou.intake.number import Number, Unreadable, exact, in_base, is_missing, read_number


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("0", "0"),
        ("1234.5", "1234.5"),
        ("1,234.5", "1234.5"),
        ("1，234", "1234"),
        ("1\u00a0234\u00a0567", "1234567"),
        ("１２３．４", "123.4"),
        (" 7 ", "7"),
        ("　7　", "7"),
        (".5", "0.5"),
        ("+5", "5"),
        ("-5", "-5"),
        ("−5", "-5"),
        ("－５", "-5"),
        ("(1,234)", "-1234"),
        ("（5）", "-5"),
        ("1e5", "100000"),
        ("1.5E-3", "0.0015"),
        ("0012", "12"),
    ],
)
def test_plain_numbers_are_read_exactly(cell: str, value: str) -> None:
    assert read_number(cell) == Number(Decimal(value), "=", "")


@pytest.mark.parametrize(
    ("cell", "value", "qualifier", "unit"),
    [
        ("1300+", "1300", ">", ""),
        ("超1300", "1300", ">", ""),
        ("超过 1,300 家", "1300", ">", "家"),
        ("逾5", "5", ">", ""),
        ("300多", "300", ">", ""),
        ("300余家", "300", ">", "家"),
        ("30多万", "30", ">", "万"),
        ("300万余元", "300", ">", "万元"),
        ("over 1,300", "1300", ">", ""),
        ("more than 100", "100", ">", ""),
        (">5", "5", ">", ""),
        ("＞5", "5", ">", ""),
        ("1000以上", "1000", ">=", ""),
        ("1300家以上", "1300", ">=", "家"),
        ("至少3", "3", ">=", ""),
        ("at least 3", "3", ">=", ""),
        ("≥5", "5", ">=", ""),
        (">=5", "5", ">=", ""),
        ("近300", "300", "<", ""),
        ("不足8", "8", "<", ""),
        ("nearly 5", "5", "<", ""),
        ("10以下", "10", "<=", ""),
        ("不超过10", "10", "<=", ""),
        ("约300", "300", "≈", ""),
        ("约-5", "-5", "≈", ""),
        ("300左右", "300", "≈", ""),
        ("~5", "5", "≈", ""),
        ("about5", "5", "≈", ""),
        ("约300左右", "300", "≈", ""),
        ("2.8%", "2.8", "=", "%"),
        ("２．８％", "2.8", "=", "%"),
        ("5.2亿元", "5.2", "=", "亿元"),
        ("5千米", "5", "=", "千米"),
        ("5 10k m2", "5", "=", "10k m2"),
    ],
)
def test_qualifiers_and_units_are_kept(cell: str, value: str, qualifier: str, unit: str) -> None:
    assert read_number(cell) == Number(Decimal(value), qualifier, unit)


@pytest.mark.parametrize(
    "cell", ["", " ", "-", "—", "——", "－", "–", "…", "/", "无", "暂无", "空", "n/a", "N/A", "None", "　"]
)
def test_what_says_that_there_is_none_is_missing(cell: str) -> None:
    assert read_number(cell) is None
    assert is_missing(cell)


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("12,34", "thousands-separator"),
        ("1,2345", "thousands-separator"),
        ("1,234,56", "thousands-separator"),
        ("10-20", "range-for-number"),
        ("10～20", "range-for-number"),
        ("10—20", "range-for-number"),
        ("100家至200家", "range-for-number"),
        ("1 to 2", "range-for-number"),
        ("#DIV/0!", "broken-formula"),
        ("#N/A", "broken-formula"),
        ("#VALUE!", "broken-formula"),
        ("约30多万", "two-qualifiers"),
        ("超1000以上", "two-qualifiers"),
        ("nan", "not-a-number"),
        ("inf", "not-a-number"),
        ("三百", "not-a-number"),
        ("1.234,5", "not-a-number"),
        ("1.2.3", "not-a-number"),
        ("1'234", "not-a-number"),
        ("1 234", "not-a-number"),
        ("1_000", "not-a-number"),
        ("1/2", "not-a-number"),
        ("5.", "not-a-number"),
        ("++5", "not-a-number"),
        ("(-5)", "not-a-number"),
        ("(5", "not-a-number"),
        ("¥5", "not-a-number"),
        ("٣", "not-a-number"),
        ("9" * 101, "not-a-number"),
    ],
)
def test_what_is_not_one_number_is_refused(cell: str, rule: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_number(cell)
    assert refused.value.rule.id == rule


@pytest.mark.parametrize(
    ("cell", "stated", "expected", "value", "unit"),
    [
        ("2686.6", "100m_cny", "100m_cny", "268660000000", "100m_cny"),
        ("2686.6", "", "100m_cny", "268660000000", "100m_cny"),
        ("5.2亿元", "", "10k_cny", "520000000", "100m_cny"),
        ("5.2", "万元", "100m_cny", "52000", "10k_cny"),
        ("3万", "", "persons", "30000", "persons"),
        ("3亿", "亿元", "cny", "300000000", "100m_cny"),
        ("2.8%", "percent", "percent", "2.8", "percent"),
        ("0.000000001", "", "count", "0.000000001", "count"),
        ("1.230", "", "count", "1.23", "count"),
        ("1e28", "", "count", "1" + "0" * 28, "count"),
    ],
)
def test_units_are_converted_exactly(cell: str, stated: str, expected: str, value: str, unit: str) -> None:
    number = read_number(cell)
    assert number is not None
    result, used = in_base(number, stated, UNITS[expected], "x")
    assert (result, used.id) == (Decimal(value), unit)


@pytest.mark.parametrize(
    ("cell", "stated", "expected", "rule"),
    [
        ("5百", "", "count", "unknown-unit"),
        ("5", "furlong", "count", "unknown-unit"),
        ("5%", "", "count", "wrong-unit"),
        ("5", "percent", "count", "wrong-unit"),
        ("5亿元", "万元", "cny", "unit-conflict"),
        ("5万", "亿元", "cny", "unit-conflict"),
        ("5万", "", "percent", "unit-conflict"),
        ("0.0000000001", "", "count", "too-many-decimals"),
        ("1e29", "", "count", "number-too-large"),
        ("1e999", "", "count", "number-too-large"),
        ("1e22", "100m_cny", "100m_cny", "number-too-large"),
    ],
)
def test_units_that_do_not_fit_are_refused(cell: str, stated: str, expected: str, rule: str) -> None:
    number = read_number(cell)
    assert number is not None
    with pytest.raises(Unreadable) as refused:
        in_base(number, stated, UNITS[expected], "x")
    assert refused.value.rule.id == rule


@given(st.decimals(min_value="-1e20", max_value="1e20", places=4), st.sampled_from(sorted(UNITS)))
def test_exact_never_rounds(value: Decimal, unit: str) -> None:
    factor = UNITS[unit].factor
    result = exact(value, factor)
    digits = int("".join(map(str, value.as_tuple().digits))) * int(factor)
    assert abs(result) * 10**4 == digits
    assert (result < 0) == (value < 0 and digits > 0)


@given(st.integers(-(10**15), 10**15))
def test_grouped_numbers_mean_what_they_group(number: int) -> None:
    read = read_number(f"{number:,}")
    assert read is not None and read.value == number


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(cell: str) -> None:
    try:
        number = read_number(cell)
    except Unreadable as refused:
        assert refused.rule.en and refused.rule.zh
        return
    assert number is None or number.value.is_finite()


@given(st.text(alphabet="0123456789,，.+-~约超近万亿元%家多余以上()（）１２3eE —", max_size=12))
def test_a_number_that_is_read_has_the_digits_that_were_written(cell: str) -> None:
    try:
        number = read_number(cell)
    except Unreadable:
        return
    if number is None or "e" in cell.lower() or (number.unit and unit_named(number.unit) is None):
        return
    folded = cell.translate({0xFF10 + digit: str(digit) for digit in range(10)})
    written = "".join(character for character in folded if character.isdigit())
    assert "".join(map(str, number.value.as_tuple().digits)).lstrip("0") == written.lstrip("0")
