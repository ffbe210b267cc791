"""Keys that sign: Ed25519, made once, readable by their owner alone. The city enrols the public half of the agent's."""

from __future__ import annotations

import base64
import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from shazhou.city.problem import Problem, Refused, Rule, Where

NOT_A_KEY = Rule(
    "edge-key-unusable",
    "{found} is no Ed25519 key in PEM.",
    "{found} 不是 PEM 格式的 Ed25519 密钥。",
    "Put the key back from its copy; with a new one its public half has to be made known anew (shazhou enrol).",
    "请用备份恢复密钥；若更换密钥，须重新登记或公布公钥（shazhou enrol）。",
)
OPEN_KEY = Rule(
    "edge-key-open",
    "Others on this computer can read the key {found}.",
    "本机其他用户可以读取密钥 {found}。",
    "Run chmod 600 on it.",
    "请对其执行 chmod 600。",
)

FILE = "agent.key"


def key_of(folder: Path, name: str = FILE) -> Ed25519PrivateKey:
    """The key in a folder, the agent's if no other is named; made when there is none.

    Raises:
        Refused: the file is no such key, or others can read it.
    """
    path = folder / name
    if not path.exists():
        _make(path)
    if path.stat().st_mode & 0o077:
        raise Refused([Problem(OPEN_KEY, Where(str(path)), str(path))])
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise Refused([Problem(NOT_A_KEY, Where(str(path)), str(path))])
    return key


def public_text(key: Ed25519PrivateKey) -> str:
    """The public key as the city enrols it: base64 of its 32 bytes."""
    return base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def _make(path: Path) -> None:
    """Writes a new key; whole or not at all, and never over one that another process just wrote."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    begun = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(begun, path)
    except FileExistsError:
        return
    finally:
        begun.unlink()
