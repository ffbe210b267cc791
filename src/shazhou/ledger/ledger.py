"""The ledger: all submissions, append-only, hash-chained, readable as of any moment.

    ledger = Ledger.create(Path("var/zhangjiagang"))
    submission = ledger.append(Delivery(...), observations)       # on disk when it returns
    ledger.observations(ibis.duckdb.connect(), as_of="2024-06-30")

An append stores the document, writes the observations under a fresh attempt, and then, under a lock, one row that names
the attempt: the commit point. Whoever reads sees only attempts that a row names. See `shazhou.ledger.manifest` for what
happens when a writer dies in between.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.ledger import compaction, recovery
from shazhou.ledger.asof import AsOf, last_included
from shazhou.ledger.chain import ROW, as_table, chained, from_table
from shazhou.ledger.content import Digest, blocks, check
from shazhou.ledger.delta import Delta
from shazhou.ledger.documents import Documents
from shazhou.ledger.manifest import Manifest
from shazhou.ledger.observation import SCHEMA
from shazhou.ledger.store import flush_with_folder, locked, make_folder, put
from shazhou.ledger.submission import GENESIS, Delivery, Submission

STORED = SCHEMA.append(pa.field("attempt", pa.int64(), nullable=False)).append(
    pa.field("position", pa.int64(), nullable=False)
)
"""Columns of the table of observations: as delivered, with attempt and position."""

FORMAT = b"shazhou ledger 1\n"

NOT_A_LEDGER = Rule(
    "not-a-ledger",
    "There is no ledger in {found}.",
    "{found} 中没有账本。",
    "Make one with shazhou init, or point --data to the right folder.",
    "请用 shazhou init 创建，或用 --data 指定正确的文件夹。",
)
ALREADY_A_LEDGER = Rule(
    "already-a-ledger",
    "{found} is not empty.",
    "{found} 不是空文件夹。",
    "Choose an empty folder; an existing ledger needs no init.",
    "请选择空文件夹；已有账本无需再次初始化。",
)
OTHER_CONTENT = Rule(
    "submission-conflict",
    "The ledger holds another submission under the id {found}.",
    "账本中已有编号为 {found} 的另一份报送。",
    "Deliver a correction as a new submission with an id of its own.",
    "更正内容请以新的编号另行报送。",
)


class Ledger:
    """A ledger in a folder; open it with `open` or make it with `create`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.documents = Documents(folder / "documents")
        self.manifest = Manifest(folder)
        self.observation_files = Delta(folder / "observations", STORED)
        self.submission_files = Delta(folder / "submissions", ROW)

    @classmethod
    def create(cls, folder: Path) -> Ledger:
        """Makes an empty ledger in an empty or new folder; Refused where something is there."""
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise Refused([Problem(ALREADY_A_LEDGER, Where(str(folder)), str(folder))])
        make_folder(folder)
        ledger = cls(folder)
        with locked(ledger._lock):
            files = ledger.observation_files.create() + ledger.submission_files.create()
            make_folder(ledger.documents.folder)
            ledger.manifest.renew(files)
            put(folder / "format", FORMAT)
        return ledger

    @classmethod
    def open(cls, folder: Path) -> Ledger:
        """Opens an existing ledger; Refused where there is none."""
        if not (folder / "format").is_file() or not (folder / "manifest.jsonl").is_file():
            raise Refused([Problem(NOT_A_LEDGER, Where(str(folder)), str(folder))])
        return cls(folder)

    def append(self, delivery: Delivery, observations: pa.Table | Iterable[pa.RecordBatch]) -> Submission:
        """Adds a submission, whole or not at all; on return it is on disk.

        The same id with the same content again returns the first submission.

        Raises:
            Refused: the observations break the schema, or the id stands for another content.
        """
        document, new_document = self.documents.keep(delivery.document) if delivery.document else ("", None)
        attempt = secrets.randbits(62) + 1
        file, digest = self._write(attempt, blocks(observations))
        with locked(self._lock):
            recovery.recover(self)
            known = self.submissions()
            first = next((each for each in known if each.id == delivery.id), None)
            if first is not None:
                return self._again(first, delivery, document, digest, file)
            self.manifest.add(*([new_document] if new_document else []), file)
            self.manifest.add(*self.observation_files.commit([file]))
            last = known[-1] if known else None
            submission = chained(
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
                content=digest.hexdigest(),
                count=digest.count,
                attempt=attempt,
                recorded_at=_after(last),
                previous=last.head if last else GENESIS,
            )
            row = self.submission_files.write(f"s-{submission.sequence:09d}.parquet", as_table(submission))
            self.manifest.add(row)
            self.manifest.add(*self.submission_files.commit([row]))
            compaction.keep_small(self)
        return submission

    def submissions(self, as_of: AsOf = None) -> tuple[Submission, ...]:
        """All submissions up to a moment, in the order of the chain."""
        tables = [pq.read_table(str(file), use_threads=False, schema=ROW) for file in self.submission_files.files()]
        chain = from_table(pa.concat_tables(tables)) if tables else ()
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
        named = {each.attempt: each for each in chain}
        files = [str(file) for file in self.observation_files.files() if _may_hold(file, named)]
        stored = connection.read_parquet(files) if files else ibis.memtable(STORED.empty_table())
        rows = [{"attempt": e.attempt, "sequence": e.sequence, "recorded_at": e.recorded_at} for e in chain]
        schema = {"attempt": "int64", "sequence": "int64", "recorded_at": "timestamp('UTC')"}
        return stored.join(ibis.memtable(rows, schema=schema), "attempt")

    def document(self, sha256: str) -> bytes:
        """A document as it was delivered; Refused where there is none or it was erased."""
        return self.documents.read(sha256)

    def erase(self, sha256: str, reason: str, deliverer: str) -> Submission:
        """Erases a document by order. Its hash and the reason stay, the erasure is itself a submission."""
        self.documents.read(sha256)
        title = f"Erasure of document {sha256}: {reason}"
        submission = self.append(Delivery(f"erase:{sha256}", deliverer, "form", title), SCHEMA.empty_table())
        with locked(self._lock):
            record = self.documents.erase(sha256, reason, deliverer)
            self.manifest.add(record)
            self.manifest.remove([self.documents.path(sha256).relative_to(self.folder).as_posix()])
        return submission

    def definitions(self, as_of: AsOf = None) -> bytes | None:
        """The city's definitions at a moment, as the archive that was delivered, or None before the first."""
        delivered = [each for each in self.submissions(as_of) if each.door == "definitions"]
        return self.documents.read(delivered[-1].document) if delivered else None

    def cache(self, head: str) -> Path:
        """A folder for what can be computed again from the evidence at a head; it may be deleted at any time."""
        return self.folder / "cache" / head

    def compact(self) -> None:
        """Rewrites the files so that reading is fast; heads, trails and row references hold."""
        with locked(self._lock):
            recovery.recover(self)
            compaction.compact(self)

    @property
    def _lock(self) -> Path:
        return self.folder / "lock"

    def _write(self, attempt: int, parts: Iterable[pa.Table]) -> tuple[Path, Digest]:
        path = self.observation_files.folder / f"a-{attempt}.parquet"
        digest = Digest()
        try:
            with pq.ParquetWriter(path, STORED) as writer, ThreadPoolExecutor(1) as hasher:
                hashed: Future[None] | None = None
                for block in parts:
                    check(block)
                    position = digest.count if hashed is None else _done(hashed, digest)
                    hashed = hasher.submit(digest.add, block)
                    writer.write_table(_stored(block, attempt, position))
                if hashed is not None:
                    hashed.result()
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        flush_with_folder(path)
        return path, digest

    def _again(self, first: Submission, delivery: Delivery, document: str, digest: Digest, file: Path) -> Submission:
        file.unlink()
        if (first.content, first.document) != (digest.hexdigest(), document):
            raise Refused([Problem(OTHER_CONTENT, Where(delivery.document_name), delivery.id)])
        return first


def _stored(block: pa.Table, attempt: int, first: int) -> pa.Table:
    rows = block.num_rows
    attempts = pa.repeat(pa.scalar(attempt, pa.int64()), rows)
    positions = pa.array(range(first, first + rows), pa.int64())
    columns = [*block.columns, attempts, positions]
    return pa.Table.from_arrays(columns, schema=STORED)


def _done(hashed: Future[None], digest: Digest) -> int:
    hashed.result()
    return digest.count


def _after(last: Submission | None) -> datetime:
    now = datetime.now(UTC)
    return now if last is None or now > last.recorded_at else last.recorded_at + timedelta(microseconds=1)


def _may_hold(file: Path, named: dict[int, Submission]) -> bool:
    attempt = file.stem.removeprefix("a-")
    return not attempt.isdigit() or int(attempt) in named


__all__ = ["STORED", "AsOf", "Ledger"]
