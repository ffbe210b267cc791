"""The agent's key: made once, readable by nobody else."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from shazhou.city.problem import Refused
from shazhou.telemetry.edge.gateway import gateway
from shazhou.telemetry.edge.keys import FILE, key_of, public_text


def rule_of(folder: Path) -> str:
    with pytest.raises(Refused) as refused:
        key_of(folder)
    return refused.value.problems[0].rule.id


def test_a_key_is_made_once_and_kept(tmp_path: Path) -> None:
    first = public_text(key_of(tmp_path / "var"))
    assert public_text(key_of(tmp_path / "var")) == first
    assert len(first) == 44
    assert stat.S_IMODE((tmp_path / "var" / FILE).stat().st_mode) == 0o600
    assert [each.name for each in (tmp_path / "var").iterdir()] == [FILE]


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    key_of(tmp_path)
    (tmp_path / FILE).chmod(0o640)
    assert rule_of(tmp_path) == "edge-key-open"


@pytest.mark.parametrize("other", [b"no key", b""])
def test_what_is_no_key_is_refused(tmp_path: Path, other: bytes) -> None:
    (tmp_path / FILE).touch(0o600)
    (tmp_path / FILE).write_bytes(other)
    assert rule_of(tmp_path) == "edge-key-unusable"


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    other = X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / FILE).touch(0o600)
    (tmp_path / FILE).write_bytes(other)
    assert rule_of(tmp_path) == "edge-key-unusable"


def test_a_gateway_is_named_by_a_hash_that_stays_the_same() -> None:
    gateway.cache_clear()
    first = gateway()
    gateway.cache_clear()
    assert gateway() == first and len(first) == 32
