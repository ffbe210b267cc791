"""Check digits against published codes; codes of classifications and places against the city that ships."""

from __future__ import annotations

import base64
import string
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shazhou.city.code import (
    ALPHABET,
    CHECKS,
    check_character,
    place_of_code,
    wrong_industry,
    wrong_industry_code,
    wrong_organisation_code,
    wrong_place,
    wrong_public_key,
    wrong_stock_code,
    wrong_uscc,
)
from shazhou.city.folder import read_city
from shazhou.city.model import City

PUBLISHED = ["9144030071526726XG", "914403001922038216", "91110000802100433B", "91330100799655058B"]
"""Codes of well-known companies as their public reports print them."""


@cache
def zhangjiagang() -> City:
    return read_city(Path(__file__).parents[2] / "cities" / "zhangjiagang")


@pytest.mark.parametrize("code", [*PUBLISHED, "91350100M000100Y43"])
def test_published_social_credit_codes_pass(code: str) -> None:
    assert wrong_uscc(code) is None
    assert check_character(code[:17]) == code[17]


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("9144030071526726X", "18"),
        ("9144030071526726XGG", "18"),
        ("9144030071526726XH", "G"),
        ("9144030071526726IG", "I"),
        ("91440300715267260o", "o"),
        ("91A4030071526726XG", "3"),
        ("", "18"),
    ],
)
def test_a_wrong_social_credit_code_is_refused_with_the_reason(code: str, why: str) -> None:
    reason = wrong_uscc(code)
    assert reason is not None
    assert all(why in sentence for sentence in reason)


@given(st.sampled_from(PUBLISHED), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_any_single_wrong_character_is_found(code: str, position: int, character: str) -> None:
    changed = code[:position] + character + code[position + 1 :]
    assert (wrong_uscc(changed) is None) == (changed == code)


@given(st.sampled_from(PUBLISHED), st.integers(0, 16))
def test_two_neighbours_swapped_are_found(code: str, position: int) -> None:
    changed = code[:position] + code[position + 1] + code[position] + code[position + 2 :]
    assert (wrong_uscc(changed) is None) == (changed == code)


@pytest.mark.parametrize("code", ["D2143569X", "D2143569-X", *(code[8:17] for code in PUBLISHED)])
def test_organisation_codes_pass_by_themselves_and_as_part_of_a_social_credit_code(code: str) -> None:
    assert wrong_organisation_code(code) is None


@pytest.mark.parametrize("code", ["D21435690", "D2143569", "D2143569-", "d2143569X"])
def test_a_wrong_organisation_code_is_refused(code: str) -> None:
    assert wrong_organisation_code(code) is not None


@pytest.mark.parametrize("code", ["C", "31", "312", "3120", "C3120", "0111"])
def test_codes_of_the_classification_pass(code: str) -> None:
    assert wrong_industry_code(code, zhangjiagang()) is None


@pytest.mark.parametrize("code", ["", "3129", "X31", "99", "998", "31200", "炼钢"])
def test_a_code_outside_the_classification_is_refused(code: str) -> None:
    assert wrong_industry_code(code, zhangjiagang()) is not None


def test_the_refusal_of_an_industry_code_names_what_is_known_of_it() -> None:
    reason = wrong_industry_code("3129", zhangjiagang())
    assert reason is not None
    assert "312 炼钢" in reason[0]


@pytest.mark.parametrize("code", ["320582", "320582100", "jingang", "32"])
def test_places_pass_by_key_and_code(code: str) -> None:
    assert wrong_place(code, zhangjiagang()) is None


@pytest.mark.parametrize(
    ("code", "key"),
    [("320582100000", "320582100"), ("320582000000", "320582"), ("320500", "3205"), ("320582", "320582")],
)
def test_zeros_that_fill_up_a_division_code_do_not_matter(code: str, key: str) -> None:
    found = place_of_code(code, zhangjiagang())
    assert found is not None
    assert found.key == key


@pytest.mark.parametrize(
    ("code", "why"), [("320582100000", "320582100"), ("3205821", "12"), ("999999", "places"), ("", "places")]
)
def test_a_wrong_place_is_refused_with_the_reason(code: str, why: str) -> None:
    reason = wrong_place(code, zhangjiagang())
    assert reason is not None
    assert why in reason[1]


def test_a_misspelt_industry_is_refused_with_what_may_be_meant() -> None:
    assert wrong_industry("metallurgy", zhangjiagang()) is None
    reason = wrong_industry("metalurgy", zhangjiagang())
    assert reason is not None
    assert "metallurgy" in reason[1]


@pytest.mark.parametrize(
    ("code", "right"), [("002075", True), ("688350", True), ("2075", False), ("００２０７５", False), ("", False)]
)
def test_stock_codes_have_six_digits(code: str, right: bool) -> None:
    assert (wrong_stock_code(code, zhangjiagang()) is None) == right


@given(st.binary(min_size=32, max_size=32), st.integers(1, 3))
def test_a_key_has_one_spelling_and_what_decodes_to_it_too_is_refused_with_that(raw: bytes, unused: int) -> None:
    key = base64.b64encode(raw).decode()
    assert wrong_public_key(key) is None
    alphabet = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
    other = f"{key[:-2]}{alphabet[alphabet.index(key[-2]) + unused]}="
    assert base64.b64decode(other, validate=True) == raw
    reason = wrong_public_key(other)
    assert reason is not None
    assert all(key in said for said in reason)


@given(st.sampled_from(sorted(CHECKS)), st.text(max_size=30))
def test_no_text_breaks_a_check(name: str, code: str) -> None:
    reason = CHECKS[name](code, zhangjiagang())
    assert reason is None or all(reason)
