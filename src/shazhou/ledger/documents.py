"""The documents as they were delivered, each under its sha256; erased ones leave their hash and the reason."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.ledger.store import flush, put

NO_DOCUMENT = Rule(
    "document-missing",
    "The ledger holds no document {found}.",
    "账本中没有文件 {found}。",
    "Take the sha256 from a submission or a trail.",
    "请使用报送或溯源中给出的 sha256。",
)
ERASED_DOCUMENT = Rule(
    "document-erased",
    "The document {found} was erased on {when} by {deliverer}: {reason}.",
    "文件 {found} 已于 {when} 由 {deliverer} 删除：{reason}。",
    "Its hash and the observations made from it stay; ask whoever ordered the erasure.",
    "其哈希和由它产生的观测值仍然保留；详情请询问删除决定的作出者。",
)


class Documents:
    """The document store of a ledger."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, content: bytes) -> tuple[str, Path | None]:
        """Stores a document; returns its sha256 and the file, or None where it was there already."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path(sha256)
        if path.exists():
            return sha256, None
        put(path, content)
        return sha256, path

    def path(self, sha256: str) -> Path:
        """Where a document lies."""
        return self.folder / sha256[:2] / sha256

    def erasure(self, sha256: str) -> Path:
        """Where the record of a document's erasure lies."""
        return self.path(sha256).with_suffix(".erased")

    def read(self, sha256: str) -> bytes:
        """A document's content.

        Raises:
            Refused: there is none, or it was erased by order.
        """
        if self.erasure(sha256).exists():
            raise Refused([Problem(ERASED_DOCUMENT, Where(), sha256, json.loads(self.erasure(sha256).read_text()))])
        if len(sha256) != 64 or not self.path(sha256).exists():
            raise Refused([Problem(NO_DOCUMENT, Where(), sha256)])
        return self.path(sha256).read_bytes()

    def erase(self, sha256: str, reason: str, deliverer: str) -> Path:
        """Takes a document's content away for ever; returns the record that stays."""
        self.read(sha256)
        record = {"when": datetime.now(UTC).isoformat(timespec="seconds"), "deliverer": deliverer, "reason": reason}
        put(self.erasure(sha256), json.dumps(record, ensure_ascii=False, sort_keys=True).encode())
        self.path(sha256).unlink()
        flush(self.path(sha256).parent)
        return self.erasure(sha256)
