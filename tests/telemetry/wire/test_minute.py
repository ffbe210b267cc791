"""A minute: what its signature covers, and what its digest tells apart."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from shazhou.telemetry.minute import FIELDS, Digest, Minute, is_signed, sign

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
MINUTE = Minute(
    "works-1", "lathe", 1_790_000_040_000, 1.0, 2.0, 3.0, 54.0, 0.5, 0.25, 1, 12, 11, 0.75, 4.5, 60, 60, 1.0, 9, "ab"
)
CHANGED: dict[type, Any] = {str: "other", int: 7, float: 7.5}


def test_every_field_but_the_place_of_the_minute_travels() -> None:
    assert {each.name for each in fields(Minute)} - set(FIELDS) == {"node", "device", "at"}


def test_a_signed_minute_is_known_as_signed() -> None:
    assert is_signed(sign(MINUTE, KEY), KEY.public_key())


@pytest.mark.parametrize("name", [each.name for each in fields(Minute) if each.name != "signature"])
def test_a_change_of_any_field_breaks_the_signature(name: str) -> None:
    signed = sign(MINUTE, KEY)
    changed = replace(signed, **{name: CHANGED[type(getattr(signed, name))]})
    assert changed != signed
    assert not is_signed(changed, KEY.public_key())


@pytest.mark.parametrize("signature", ["", "no base64!", "AAAA"])
def test_what_is_no_signature_is_not_signed(signature: str) -> None:
    assert not is_signed(replace(MINUTE, signature=signature), KEY.public_key())


def test_another_s_signature_is_none() -> None:
    assert not is_signed(sign(MINUTE, KEY), Ed25519PrivateKey.generate().public_key())


def digest_of(values: list[tuple[str, Any]]) -> str:
    digest = Digest()
    for metric, value in values:
        digest.add(metric, value)
    return str(digest)


VALUES = st.lists(st.tuples(st.sampled_from(("Power/Active", "State")), st.integers() | st.floats(allow_nan=False)))


@given(VALUES, VALUES)
def test_equal_digests_mean_equal_values_in_equal_order(
    one: list[tuple[str, Any]], other: list[tuple[str, Any]]
) -> None:
    same = [(name, repr(value)) for name, value in one] == [(name, repr(value)) for name, value in other]
    assert (digest_of(one) == digest_of(other)) == same


def test_no_values_have_no_digest() -> None:
    assert digest_of([]) == ""
