"""What tells this gateway's hardware from others, as a hash: the same for every agent that runs on it."""

from __future__ import annotations

import hashlib
import uuid
from functools import cache
from pathlib import Path

_MACHINE = (Path("/etc/machine-id"), Path("/sys/class/dmi/id/product_uuid"))


@cache
def gateway() -> str:
    """A hash of the machine's id and network address, neither of which can be read from it."""
    parts = [f"{uuid.getnode():012x}"]
    for file in _MACHINE:
        try:
            parts.append(file.read_text(encoding="utf-8").strip())
        except (OSError, UnicodeDecodeError):
            continue
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=16, person=b"shazhou-gateway").hexdigest()
