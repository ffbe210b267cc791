"""The documents as they were delivered, each under its sha256; erased ones leave their hash and the reason.

A document is staged before the ledger's lock is taken, since it may be large, and put in its place under the lock. Its
erasure is a submission, which keeps hash and reason in the chain; deleting the file follows from it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.ledger.store import flush, make_folder, write_flushed
from shazhou.ledger.submission import Submission

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

ERASURE = "erase:"
"""How the id of a submission that orders an erasure begins; the document's sha256 follows."""


@dataclass(frozen=True)
class Staged:
    """A document on disk that is not in its place yet."""

    sha256: str
    file: Path

    def discard(self) -> None:
        """Deletes the staged file; does nothing once it is in its place."""
        self.file.unlink(missing_ok=True)


class Documents:
    """The document store of a ledger."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def stage(self, content: bytes) -> Staged:
        """Writes a document beside the store, flushed."""
        staged = Staged(hashlib.sha256(content).hexdigest(), self.folder / f".{secrets.token_hex(8)}.partial")
        write_flushed(staged.file, content)
        return staged

    def place(self, staged: Staged) -> Path:
        """Puts a staged document in its place, flushed with every folder on the way."""
        path = self.path(staged.sha256)
        make_folder(path.parent)
        staged.file.replace(path)
        flush(path.parent)
        flush(self.folder)
        return path

    def path(self, sha256: str) -> Path:
        """Where a document lies."""
        return self.folder / sha256[:2] / sha256

    def read(self, sha256: str) -> bytes:
        """A document's content; Refused where there is none."""
        if not _is_sha256(sha256) or not self.path(sha256).exists():
            raise Refused([Problem(NO_DOCUMENT, Where(), sha256)])
        return self.path(sha256).read_bytes()

    def files(self) -> list[Path]:
        """The documents in their places."""
        return [path for path in self.folder.rglob("*") if path.is_file() and not path.name.startswith(".")]


def erased(chain: Iterable[Submission]) -> dict[str, Submission]:
    """The documents whose erasure has been ordered, with the submission that did."""
    return {each.id.removeprefix(ERASURE): each for each in chain if each.id.startswith(ERASURE)}


def refuse_erased(sha256: str, chain: Collection[Submission]) -> None:
    """Raises Refused where a document was erased by order."""
    order = erased(chain).get(sha256)
    if order is not None:
        values = {"when": f"{order.recorded_at:%Y-%m-%d}", "deliverer": order.deliverer, "reason": reason_of(order)}
        raise Refused([Problem(ERASED_DOCUMENT, Where(), sha256, values)])


def reason_of(order: Submission) -> str:
    """Why a document was erased, from the submission that ordered it."""
    return order.title.removeprefix(erasure_title(order.id.removeprefix(ERASURE), ""))


def erasure_title(sha256: str, reason: str) -> str:
    """The title of the submission that orders an erasure."""
    return f"Erasure of document {sha256}: {reason}"


def _is_sha256(text: str) -> bool:
    return len(text) == 64 and not set(text) - set("0123456789abcdef")
