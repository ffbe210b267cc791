"""The city's signature: Ed25519 over the certificate as JSON, by a key that stays in the telemetry folder.

A certificate's file is written in one way only, so that any changed byte is found: either the signature does not hold,
or the file is not as it was written.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.telemetry.certificate.certificate import FORMAT, Certificate
from shazhou.telemetry.edge.keys import key_of, public_text
from shazhou.telemetry.enrolment import public_key

KEY = "certificate.key"
"""The city's private key within the telemetry folder."""

NOT_A_CERTIFICATE = Rule(
    "not-a-certificate",
    "{found} is no connection certificate.",
    "{found} 不是联网证明。",
    "Give the JSON or the PDF that shazhou certificate make wrote, as it was received.",
    "请提供 shazhou certificate make 生成的 JSON 或 PDF 原件。",
)
CHANGED = Rule(
    "certificate-changed",
    "{found} is not as it was signed.",
    "{found} 与签发时不一致。",
    "Do not trust it; ask the city for the certificate again.",
    "请勿采信，并向本市重新索取。",
)
OTHER_KEY = Rule(
    "certificate-of-another-key",
    "The certificate is signed with the key {found}, not with {key}.",
    "该证明由公钥 {found} 签发，而非 {key}。",
    "Compare the key with the one that the city publishes: shazhou certificate key.",
    "请与本市公布的公钥核对：shazhou certificate key。",
)

NOT_THE_CITYS = Rule(
    "not-a-city-key",
    "{found} is no Ed25519 public key in base64: {en}.",
    "{found} 不是 base64 格式的 Ed25519 公钥：{zh}。",
    "Give the key that the city publishes, as shazhou certificate key prints it: 44 characters.",
    "请提供本市公布的公钥，即 shazhou certificate key 输出的 44 个字符。",
)


def city_key(folder: Path) -> Ed25519PrivateKey:
    """The city's key in the telemetry folder; made there where there is none.

    Raises:
        Refused: others may read it, or the file holds none.
    """
    return key_of(folder, KEY)


def signed(certificate: Certificate, key: Ed25519PrivateKey) -> Certificate:
    """The certificate with the city's signature."""
    claim = {**certificate, "signature": {"algorithm": "Ed25519", "key": public_text(key)}}
    return _with_value(claim, key.sign(_signed_text(claim)))


def written(certificate: Certificate) -> bytes:
    """The certificate's file."""
    return (json.dumps(certificate, ensure_ascii=False, indent=1) + "\n").encode()


def read(content: bytes, name: str = "") -> Certificate:
    """The certificate that a file claims to be, not verified.

    Raises:
        Refused: it is none.
    """
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or found.get("format") != FORMAT or not isinstance(found.get("signature"), dict):
        raise Refused([Problem(NOT_A_CERTIFICATE, Where(name), name)])
    return found


def verified(content: bytes, key: str, name: str = "") -> Certificate:
    """The certificate that a file holds, every byte of which is as it was signed with the key.

    Args:
        content: the JSON file.
        key: the city's public key in base64.
        name: of the file, for problems.

    Raises:
        Refused: it is no certificate, was changed, or is signed with another key.
    """
    certificate, public = read(content, name), public_key(key, NOT_THE_CITYS)
    signature: dict[str, Any] = dict(certificate["signature"])
    if signature.get("key") != key:
        raise Refused([Problem(OTHER_KEY, Where(name), str(signature.get("key")), {"key": key})])
    try:
        value = base64.b64decode(str(signature.pop("value", "")), validate=True)
        claim = {**certificate, "signature": signature}
        public.verify(value, _signed_text(claim))
        intact = written(_with_value(claim, value)) == content
    except (InvalidSignature, ValueError):
        intact = False
    if not intact:
        raise Refused([Problem(CHANGED, Where(name), name)])
    return certificate


def _signed_text(claim: Certificate) -> bytes:
    """Everything but the value of the signature, in the order in which it is written."""
    return json.dumps(claim, ensure_ascii=False, separators=(",", ":")).encode()


def _with_value(claim: Certificate, value: bytes) -> Certificate:
    return {**claim, "signature": {**claim["signature"], "value": base64.b64encode(value).decode()}}
