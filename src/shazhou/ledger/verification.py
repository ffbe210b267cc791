"""Verification: is everything there that was acknowledged, exactly as it was?

Four questions, each answered from the files alone: is every listed file intact and nothing unlisted in between
(manifest), does each submission continue the one before (chain), do the stored rows still hash to what their
submission says (content), is every document there or properly erased (documents). And, asked with a head from a
published report: does the chain pass through it?
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.ledger import recovery
from shazhou.ledger.chain import ROW, first_break, from_table
from shazhou.ledger.content import Digest, blocks
from shazhou.ledger.ledger import FORMAT, Ledger
from shazhou.ledger.manifest import Entry
from shazhou.ledger.observation import SCHEMA
from shazhou.ledger.quotations import Quotations
from shazhou.ledger.store import locked, sha256_of
from shazhou.ledger.submission import GENESIS, Submission

CHANGED_FILE = Rule(
    "file-changed",
    "The file is not as it was written.",
    "文件与写入时不一致。",
    "Restore it from a backup.",
    "请从备份恢复该文件。",
)
LOST_FILE = Rule(
    "file-lost",
    "A file of the ledger is missing.",
    "账本文件缺失。",
    "Restore it from a backup.",
    "请从备份恢复该文件。",
)
STRAY_FILE = Rule(
    "file-unlisted",
    "This file does not belong to the ledger.",
    "该文件不属于账本。",
    "Move it away after finding out how it came here.",
    "请查明来源后将其移走。",
)
CHANGED_QUOTATION = Rule(
    "quotation-changed",
    "Line {line} of the quoted figures is not as it was written.",
    "所引数值清单第 {line} 行与写入时不一致。",
    "Restore quoted/figures.jsonl from a backup; the evidence itself is not touched by this.",
    "请从备份恢复 quoted/figures.jsonl；证据本身不受影响。",
)
UNREADABLE = Rule(
    "ledger-unreadable",
    "The ledger's tables cannot be read: {found}.",
    "账本数据表无法读取：{found}。",
    "Restore the files named above from a backup.",
    "请从备份恢复上述文件。",
)
BROKEN_CHAIN = Rule(
    "chain-broken",
    "Submission {sequence} ({id}) does not continue the chain.",
    "第 {sequence} 号报送（{id}）与前一账头不相接。",
    "Everything from here on is in doubt; restore from a backup.",
    "自此以后的内容均不可信，请从备份恢复。",
)
CHANGED_CONTENT = Rule(
    "content-changed",
    "The observations of submission {sequence} ({id}) are not what was submitted.",
    "第 {sequence} 号报送（{id}）的观测值与报送时不一致。",
    "Restore the observation files from a backup.",
    "请从备份恢复观测值文件。",
)
WRONG_DOCUMENT = Rule(
    "document-changed",
    "The document of submission {sequence} ({id}) is missing or not what was delivered.",
    "第 {sequence} 号报送（{id}）的原始文件缺失或已改变。",
    "Restore the document from a backup.",
    "请从备份恢复该文件。",
)
UNEXPECTED_HEAD = Rule(
    "head-not-found",
    "The chain does not pass through the expected head {found}.",
    "链上没有预期的账头 {found}。",
    "This is not the ledger that the report was made from, or it has been changed since.",
    "这不是生成该报告的账本，或账本已被改动。",
)

Progress = Callable[[str, int, int], None]
"""Called with the step, how much is done and of how much."""


@dataclass(frozen=True)
class Verification:
    """The result of a verification; ``head`` is the newest intact head."""

    failures: tuple[Problem, ...]
    submissions: int
    observations: int
    documents: int
    head: str

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return not self.failures


def verify(ledger: Ledger, expect: str = "", progress: Progress = lambda step, done, total: None) -> Verification:
    """Verifies a ledger; never raises for what it finds, but reports it."""
    with locked(ledger.folder / "lock"):
        return _Verifier(ledger, progress).run(expect)


class _Verifier:
    def __init__(self, ledger: Ledger, progress: Progress) -> None:
        self._ledger = ledger
        self._progress = progress
        self._failures: list[Problem] = []
        self._rows = 0
        self._documents = 0

    def run(self, expect: str) -> Verification:
        chain: tuple[Submission, ...] = ()
        try:
            recovery.recover(self._ledger)
            self._files(self._ledger.manifest.entries())
            chain = self._read_chain()
            self._contents(chain)
        except Refused as refused:
            self._failures += refused.problems
        except (OSError, ValueError, pa.ArrowException) as error:
            self._fail(UNREADABLE, self._ledger.folder, str(error).splitlines()[0])
        except Exception as error:
            self._fail(UNREADABLE, self._ledger.folder, f"{type(error).__name__}: {error}".splitlines()[0])
        self._each_document(chain)
        self._quotations()
        if expect and not any(len(expect) >= 8 and each.head.startswith(expect.lower()) for each in chain):
            self._failures.append(Problem(UNEXPECTED_HEAD, Where(str(self._ledger.folder)), expect))
        head = chain[-1].head if chain else GENESIS
        return Verification(tuple(self._failures), len(chain), self._rows, self._documents, head)

    def _files(self, listed: dict[str, Entry]) -> None:
        folder = self._ledger.folder
        for number, entry in enumerate(listed.values()):
            self._progress("manifest", number, len(listed))
            path = folder / entry.file
            if not path.is_file():
                self._fail(LOST_FILE, path)
            elif path.stat().st_size != entry.size or sha256_of(path) != entry.sha256:
                self._fail(CHANGED_FILE, path)
        if (folder / "format").read_bytes() != FORMAT:
            self._fail(CHANGED_FILE, folder / "format")
        if (folder / "lock").stat().st_size:
            self._fail(CHANGED_FILE, folder / "lock")
        for path in self._kept_files():
            if path.relative_to(folder).as_posix() not in listed:
                self._fail(STRAY_FILE, path)

    def _kept_files(self) -> Iterator[Path]:
        for table in (self._ledger.observation_files, self._ledger.submission_files):
            yield from (path for path in table.log.rglob("*") if path.is_file())
        yield from (p for p in self._ledger.documents.folder.rglob("*") if p.is_file() and not p.name.startswith("."))

    def _read_chain(self) -> tuple[Submission, ...]:
        files = self._ledger.submission_files.files()
        tables = [pq.read_table(str(file), use_threads=False, schema=ROW) for file in files]
        chain = from_table(pa.concat_tables(tables)) if tables else ()
        broken = first_break(chain)
        if broken is None:
            return chain
        self._fail_submission(BROKEN_CHAIN, broken)
        return chain[: broken.sequence - 1] if 0 < broken.sequence <= len(chain) else ()

    def _contents(self, chain: tuple[Submission, ...]) -> None:
        connection = ibis.duckdb.connect()
        rows = self._ledger.observations(connection)
        order = rows.order_by("sequence", "position").select("sequence", "position", *SCHEMA.names)
        remaining = iter(chain)
        current, digest = next(remaining, None), Digest()
        held: list[pa.Table] = []
        total = sum(each.count for each in chain)

        def close(submission: Submission) -> None:
            batches = [batch for table in held for batch in table.to_batches()]
            for block in blocks(iter(batches)):
                digest.add(block)
            if (digest.count, digest.hexdigest()) != (submission.count, submission.content):
                self._fail_submission(CHANGED_CONTENT, submission)

        for batch in connection.to_pyarrow_batches(order, chunk_size=65_536):
            table = pa.Table.from_batches([batch])
            while table.num_rows and current is not None:
                mine = _leading(table, current.sequence)
                self._rows += mine
                held.append(table.slice(0, mine).select(SCHEMA.names))
                table = table.slice(mine)
                if table.num_rows:
                    close(current)
                    current, digest, held = next(remaining, None), Digest(), []
            self._progress("content", self._rows, total)
        while current is not None:
            close(current)
            current, digest, held = next(remaining, None), Digest(), []
        connection.disconnect()

    def _each_document(self, chain: tuple[Submission, ...]) -> None:
        documents = self._ledger.documents
        for submission in chain:
            if not submission.document or documents.erasure(submission.document).exists():
                continue
            self._documents += 1
            path = documents.path(submission.document)
            if not path.is_file() or sha256_of(path) != submission.document:
                self._fail_submission(WRONG_DOCUMENT, submission)

    def _quotations(self) -> None:
        path = self._ledger.folder / "quoted" / "figures.jsonl"
        for line in Quotations(self._ledger.folder).damaged():
            self._failures.append(Problem(CHANGED_QUOTATION, Where(str(path), row=line), "", {"line": str(line)}))

    def _fail(self, rule: Rule, path: Path, found: str = "") -> None:
        self._failures.append(Problem(rule, Where(str(path)), found or path.name))

    def _fail_submission(self, rule: Rule, submission: Submission) -> None:
        values = {"sequence": str(submission.sequence), "id": submission.id}
        self._failures.append(Problem(rule, Where(str(self._ledger.folder)), submission.title, values))


def _leading(table: pa.Table, sequence: int) -> int:
    first = table.column("sequence").to_numpy()
    return int((first == sequence).argmin()) if first[-1] != sequence else len(first)
