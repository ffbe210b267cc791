"""The ledger: all submissions, append-only, hash-chained, readable as of any moment.

    ledger = Ledger.create(Path("var/zhangjiagang"))
    submission = ledger.append(Delivery(...), observations)       # on disk when it returns
    ledger.observations(connect(), as_of="2024-06-30")

An append stages the document, writes the observations under a fresh attempt, and then, under a lock, one row that names
the attempt: the commit point. Whoever reads sees only attempts that a row names. See `shazhou.ledger.manifest` and
`shazhou.ledger.recovery` for what happens when a writer dies in between.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import ibis
import pyarrow as pa

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.ledger import compaction, creation, recovery
from shazhou.ledger.asof import AsOf, last_included
from shazhou.ledger.attempt import STORED, Attempt, may_hold, write_attempt
from shazhou.ledger.cache import Cache
from shazhou.ledger.chain import ROW, Chain, as_table, chained
from shazhou.ledger.creation import FORMAT
from shazhou.ledger.delta import Delta
from shazhou.ledger.documents import ERASURE, Documents, Staged, erased, erasure_title, refuse_erased
from shazhou.ledger.manifest import Entry, Manifest
from shazhou.ledger.observation import SCHEMA
from shazhou.ledger.permission import refuse_read_only
from shazhou.ledger.reason import given_reason
from shazhou.ledger.store import locked, writable
from shazhou.ledger.submission import GENESIS, Delivery, Submission

NOT_A_LEDGER = Rule(
    "not-a-ledger",
    "There is no ledger in {found}.",
    "{found} 中没有账本。",
    "Make one with shazhou init, or point --data to the right folder.",
    "请用 shazhou init 创建，或用 --data 指定正确的文件夹。",
)
OTHER_FORMAT = Rule(
    "other-format",
    "The ledger in {found} is damaged or was made by another version of Shazhou.",
    "{found} 中的账本已损坏，或由其他版本的 Shazhou 创建。",
    "Use that version, or restore the file `format` from a backup.",
    "请使用相应版本，或从备份恢复 format 文件。",
)
LOST_LOCK = Rule(
    "lock-lost",
    "The ledger's lock file {found} is missing.",
    "账本的锁文件 {found} 缺失。",
    "Stop whatever writes to the ledger, then make an empty file of that name.",
    "请先停止对账本的写入，再建立同名空文件。",
)
OTHER_CONTENT = Rule(
    "submission-conflict",
    "The ledger holds another submission under the id {found}.",
    "账本中已有编号为 {found} 的另一份报送。",
    "Deliver a correction as a new submission with an id of its own.",
    "更正内容请以新的编号另行报送。",
)
RESERVED_ID = Rule(
    "submission-id-reserved",
    "The id {found} is kept for the erasure of a document.",
    "编号 {found} 保留用于文件删除。",
    "Use shazhou erase to erase a document, or deliver under another id.",
    "删除文件请用 shazhou erase；其他报送请改用别的编号。",
)
TAKEN_ATTEMPT = Rule(
    "attempt-taken",
    "By chance the attempt {found} was used before; nothing was appended.",
    "尝试号 {found} 偶然重复，未写入任何内容。",
    "Deliver again.",
    "请重新报送。",
)
DEFINITIONS_STAY = Rule(
    "definitions-stay",
    "The document {found} holds the city's definitions, without which no figure can be computed again.",
    "文件 {found} 是城市定义，删除后任何数值都无法重新计算。",
    "Erase documents with personal data only; definitions hold none.",
    "只能删除含个人信息的文件；城市定义不含个人信息。",
)


class Ledger:
    """A ledger in a folder; open it with `open` or make it with `create`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = folder / "lock"
        self.documents = Documents(folder / "documents")
        self.manifest = Manifest(folder)
        self.observation_files = Delta(folder / "observations", STORED)
        self.submission_files = Delta(folder / "submissions", ROW)
        self._chain = Chain()

    @classmethod
    def create(cls, folder: Path) -> Ledger:
        """Makes an empty ledger in an empty or new folder; Refused where something is there."""
        ledger = cls(folder)
        creation.create(ledger)
        return ledger

    @classmethod
    def open(cls, folder: Path) -> Ledger:
        """Opens an existing ledger; Refused where there is none that this version can read."""
        if not (folder / "format").is_file() or not (folder / "manifest.jsonl").is_file():
            raise Refused([Problem(NOT_A_LEDGER, Where(str(folder)), str(folder))])
        if (folder / "format").read_bytes() != FORMAT:
            raise Refused([Problem(OTHER_FORMAT, Where(str(folder)), str(folder))])
        ledger = cls(folder)
        if ledger.lock.is_file() and ledger.writable:
            recovery.recover_if_free(ledger)
        return ledger

    @property
    def writable(self) -> bool:
        """Whether this user may add to the ledger."""
        return all(map(writable, self._written_to()))

    def append(self, delivery: Delivery, observations: pa.Table | Iterable[pa.RecordBatch]) -> Submission:
        """Adds a submission, whole or not at all; on return it is on disk.

        The same id with the same content again returns the first submission.

        Raises:
            Refused: the observations break the schema, or the id stands for another content.
        """
        if delivery.id.startswith(ERASURE):
            raise Refused([Problem(RESERVED_ID, Where(delivery.document_name), delivery.id)])
        return self._append(delivery, observations)

    def submissions(self, as_of: AsOf = None) -> tuple[Submission, ...]:
        """All submissions up to a moment, in the order of the chain."""
        chain = self._chain.read(self.submission_files.files())
        return chain[: last_included(chain, as_of)]

    def head(self, as_of: AsOf = None) -> str:
        """The head at a moment; `GENESIS` where nothing had been submitted."""
        chain = self.submissions(as_of)
        return chain[-1].head if chain else GENESIS

    def observations(self, connection: ibis.BaseBackend, as_of: AsOf = None) -> ibis.Table:
        """All observations of the submissions up to a moment.

        Columns: those of an observation, ``attempt``, ``position`` (in the submission, from 0), ``sequence`` and
        ``recorded_at`` of the submission.
        """
        chain = self.submissions(as_of)
        return named_rows(connection, self.observation_files.files(), chain)

    def document(self, sha256: str) -> bytes:
        """A document as it was delivered; Refused where there is none or it was erased."""
        refuse_erased(sha256, self.submissions())
        return self.documents.read(sha256)

    def erase(self, sha256: str, reason: str, deliverer: str) -> Submission:
        """Erases a document by order. Its hash and the reason stay: the erasure is itself a submission.

        Raises:
            Refused: there is no such document, it was erased before, it holds the city's definitions, or no reason is
                given.
        """
        reason = given_reason(reason)
        self.document(sha256)
        if any(each.door == "definitions" and each.document == sha256 for each in self.submissions()):
            raise Refused([Problem(DEFINITIONS_STAY, Where(), sha256)])
        order = Delivery(ERASURE + sha256, deliverer, "form", erasure_title(sha256, reason))
        submission = self._append(order, SCHEMA.empty_table())
        with self._writing():
            recovery.erase_as_ordered(self, self.submissions())
        return submission

    def definitions(self, as_of: AsOf = None) -> bytes | None:
        """The city's definitions at a moment, as the archive that was delivered, or None before the first."""
        delivered = [each for each in self.submissions(as_of) if each.door == "definitions"]
        return self.documents.read(delivered[-1].document) if delivered else None

    @property
    def cache(self) -> Cache:
        """What can be computed again from the evidence; it may be deleted at any time."""
        return Cache(self.folder / "cache")

    def compact(self) -> None:
        """Rewrites the files so that reading is fast; heads, trails and row references hold."""
        with self._writing():
            recovery.erase_as_ordered(self, self.submissions())
            compaction.compact(self)

    def _append(self, delivery: Delivery, observations: pa.Table | Iterable[pa.RecordBatch]) -> Submission:
        refuse_read_only(self.folder, self._written_to())
        staged = self.documents.stage(delivery.document) if delivery.document else None
        try:
            attempt = write_attempt(self.observation_files.folder, observations)
            entry = self.manifest.entry(attempt.file)
            with self._writing() as listed:
                return self._commit(delivery, staged, attempt, entry, listed)
        finally:
            if staged is not None:
                staged.discard()

    def _written_to(self) -> tuple[Path, ...]:
        tables = (self.observation_files, self.submission_files)
        folders = (
            self.folder,
            self.documents.folder,
            *(each.folder for each in tables),
            *(each.log for each in tables),
        )
        return (*folders, self.lock, self.folder / "manifest.jsonl")

    @contextmanager
    def _writing(self) -> Iterator[dict[str, Entry]]:
        refuse_read_only(self.folder, self._written_to())
        if not self.lock.is_file():
            raise Refused([Problem(LOST_LOCK, Where(str(self.lock)), str(self.lock))])
        with locked(self.lock):
            yield recovery.recover(self)

    def _commit(
        self, delivery: Delivery, staged: Staged | None, attempt: Attempt, entry: Entry, listed: dict[str, Entry]
    ) -> Submission:
        known = self.submissions()
        recovery.erase_as_ordered(self, known)
        first = next((each for each in known if each.id == delivery.id), None)
        document = staged.sha256 if staged is not None else ""
        if first is not None:
            return _again(first, delivery, document, attempt)
        if any(each.attempt == attempt.number for each in known):
            attempt.file.unlink()
            raise Refused([Problem(TAKEN_ATTEMPT, Where(), str(attempt.number))])
        compaction.keep_small(self, [attempt.file, *([staged.file] if staged is not None else [])])
        # Fails where the file is gone: a compaction deletes what has waited for the lock longer than its time of grace.
        os.utime(attempt.file)
        if staged is not None and document not in erased(known) and not self._holds(document, listed):
            self.manifest.add(self.documents.place(staged))
        self.manifest.add(entry)
        log = self.observation_files.commit(attempt.file)
        submission = _next(known, delivery, document, attempt)
        name = f"s-{submission.sequence:09d}-{secrets.token_hex(4)}.parquet"
        row = self.submission_files.write(name, as_table(submission))
        self.manifest.add(*log, row)
        self.manifest.add(*self.submission_files.commit(row))
        return submission

    def _holds(self, document: str, listed: dict[str, Entry]) -> bool:
        path = self.documents.path(document)
        return path.exists() and self.manifest.name(path) in listed


def named_rows(connection: ibis.BaseBackend, files: Iterable[Path], chain: tuple[Submission, ...]) -> ibis.Table:
    """The rows of observation files that submissions name, with ``sequence`` and ``recorded_at``; a view of that
    connection."""
    attempts = {each.attempt for each in chain}
    held = [str(file) for file in files if may_hold(file, attempts)]
    nothing = STORED.empty_table()
    stored = connection.read_parquet(held) if held else connection.create_table(_name("stored"), nothing, temp=True)
    rows = [{"attempt": e.attempt, "sequence": e.sequence, "recorded_at": e.recorded_at} for e in chain]
    schema = {"attempt": "int64", "sequence": "int64", "recorded_at": "timestamp('UTC')"}
    named = connection.create_table(_name("named"), ibis.memtable(rows, schema=schema), temp=True)
    # A view and no expression: a query that uses it several times reads for each use only what that one needs.
    return connection.create_view(_name("observations"), stored.join(named, "attempt"))


def _name(what: str) -> str:
    return str(ibis.util.gen_name(what))


def _again(first: Submission, delivery: Delivery, document: str, attempt: Attempt) -> Submission:
    attempt.file.unlink()
    if (first.content, first.document) != (attempt.content, document):
        raise Refused([Problem(OTHER_CONTENT, Where(delivery.document_name), delivery.id)])
    return first


def _next(known: tuple[Submission, ...], delivery: Delivery, document: str, attempt: Attempt) -> Submission:
    last = known[-1] if known else None
    return chained(
        sequence=len(known) + 1,
        id=delivery.id,
        deliverer=delivery.deliverer,
        door=delivery.door,
        title=delivery.title,
        document=document,
        document_name=delivery.document_name,
        document_size=len(delivery.document),
        mapping=delivery.mapping,
        source=delivery.source,
        content=attempt.content,
        count=attempt.count,
        attempt=attempt.number,
        recorded_at=_after(last),
        previous=last.head if last else GENESIS,
    )


def _after(last: Submission | None) -> datetime:
    now = datetime.now(UTC)
    return now if last is None or now > last.recorded_at else last.recorded_at + timedelta(microseconds=1)


__all__ = ["STORED", "AsOf", "Ledger"]
