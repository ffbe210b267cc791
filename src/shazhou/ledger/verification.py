"""Verification: is everything there that was acknowledged, exactly as it was?

Four questions, each answered from the files alone: is every listed file intact and nothing unlisted in between
(manifest), does each submission continue the one before (chain), do the stored rows still hash to what their
submission says (content), is every document there or properly erased (documents). And, asked with a head from a
published report: does the chain pass through it?

``aside/`` (was never acknowledged) is no part of the ledger; ``cache/`` can be computed again, but a change in it is
told. Of a file that changed nothing is believed: what only it holds counts as lost. A manifest that ends early by its
very last line is what a writer leaves who died before writing it; the file that the line names is then listed anew, its
content proven by the chain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from deltalake.exceptions import DeltaError

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.ledger import failures, recovery
from shazhou.ledger.asof import at_head
from shazhou.ledger.chain import first_break, read_submissions
from shazhou.ledger.content import Digest, blocks
from shazhou.ledger.creation import FORMAT
from shazhou.ledger.delta import Delta
from shazhou.ledger.documents import erased
from shazhou.ledger.engine import connect
from shazhou.ledger.ledger import Ledger, named_rows
from shazhou.ledger.manifest import Entry
from shazhou.ledger.observation import SCHEMA
from shazhou.ledger.quotations import Quotations
from shazhou.ledger.store import locked, sha256_of
from shazhou.ledger.submission import GENESIS, Submission

Progress = Callable[[str, int, int], None]
"""Called with the step, how much is done and of how much."""


@dataclass(frozen=True)
class Verification:
    """The result of a verification; ``head`` is the newest intact head, the counts are of what is intact."""

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
    """Verifies a ledger, and with ``expect`` that its chain passes through a head (or the one head that begins so).

    Never raises for what it finds, but reports it. Whoever may only read the ledger leaves what a dead writer left
    to the next who may write; everything else is verified just the same.
    """
    lost_lock = not ledger.lock.is_file()
    with nullcontext() if lost_lock and not ledger.writable else locked(ledger.lock):
        return _Verifier(ledger, progress).run(expect, lost_lock)


class _Verifier:
    def __init__(self, ledger: Ledger, progress: Progress) -> None:
        self._ledger = ledger
        self._progress = progress
        self._failures: list[Problem] = []
        self._intact: set[str] = set()
        self._rows = 0
        self._documents = 0

    def run(self, expect: str, lost_lock: bool) -> Verification:
        if lost_lock:
            self._fail(failures.LOST_FILE, self._ledger.lock)
        self._files(self._listed())
        chain = self._read_chain()
        self._contents(chain)
        self._each_document(chain)
        self._quotations()
        for file in self._ledger.cache.damaged():
            self._fail(failures.CHANGED_CACHE, file)
        self._expected(chain, expect)
        head = chain[-1].head if chain else GENESIS
        return Verification(tuple(self._failures), len(chain), self._rows, self._documents, head)

    def _listed(self) -> dict[str, Entry]:
        listing = self._ledger.manifest.read()
        if listing.damaged_line:
            self._failures.append(self._ledger.manifest.damage(listing.damaged_line))
            return listing.entries
        if not self._ledger.writable:
            return listing.entries
        return recovery.recover(self._ledger) | self._ledger.manifest.read().entries

    def _files(self, listed: dict[str, Entry]) -> None:
        folder = self._ledger.folder
        for number, entry in enumerate(listed.values()):
            self._progress("manifest", number, len(listed))
            path = folder / entry.file
            if not path.is_file():
                self._fail(failures.LOST_FILE, path)
            elif path.stat().st_size != entry.size or sha256_of(path) != entry.sha256:
                self._fail(failures.CHANGED_FILE, path)
            else:
                self._intact.add(entry.file)
        fixed = {"format": FORMAT, "lock": b"", "quoted/lock": b""}
        for name, content in fixed.items():
            if (folder / name).is_file() and (folder / name).read_bytes() != content:
                self._fail(failures.CHANGED_FILE, folder / name)
        for table in (self._ledger.observation_files, self._ledger.submission_files):
            unsettled = recovery.unlisted(table, listed)
            self._strays(path for path in unsettled if self._ledger.writable or not recovery.settles(path))
        unlisted = (path for path in self._ledger.documents.files() if self._name(path) not in listed)
        self._strays(path for path in unlisted if sha256_of(path) != path.name)

    def _strays(self, paths: Iterator[Path]) -> None:
        for path in paths:
            self._fail(failures.STRAY_FILE, path)

    def _live(self, table: Delta) -> tuple[list[Path], bool]:
        """The intact files of a table, and whether these are all."""
        try:
            files = table.files()
        except (DeltaError, OSError, ValueError) as error:
            self._fail(failures.UNREADABLE, table.folder, str(error).partition("\n")[0])
            return [], False
        intact = [file for file in files if self._name(file) in self._intact]
        self._strays(file for file in files if file.is_file() and self._name(file) not in self._known())
        return intact, len(intact) == len(files)

    def _known(self) -> set[str]:
        return set(self._ledger.manifest.read().entries)

    def _read_chain(self) -> tuple[Submission, ...]:
        files, whole = self._live(self._ledger.submission_files)
        rows = (submission for file in files for submission in read_submissions(file))
        chain = tuple(sorted(rows, key=lambda each: each.sequence))
        unbroken = next((n for n, each in enumerate(chain) if each.sequence != n + 1), len(chain))
        broken = first_break(chain[:unbroken])
        if broken is not None:
            self._fail_submission(failures.BROKEN_CHAIN, broken)
            return chain[: broken.sequence - 1]
        if unbroken < len(chain) or not whole:
            values = {"sequence": str(unbroken + 1)}
            self._failures.append(
                Problem(failures.LOST_SUBMISSION, Where(str(self._ledger.folder)), values["sequence"], values)
            )
        return chain[:unbroken]

    def _contents(self, chain: tuple[Submission, ...]) -> None:
        files, _ = self._live(self._ledger.observation_files)
        total = sum(each.count for each in chain)
        remaining = iter(chain)
        for sequence, pieces in groupby(self._rows_in_order(files, chain, total), key=lambda piece: piece[0]):
            for submission in remaining:
                mine = (piece for _, piece in pieces) if submission.sequence == sequence else iter(())
                self._content(submission, mine)
                if submission.sequence == sequence:
                    break
        for submission in remaining:
            self._content(submission, iter(()))

    def _content(self, submission: Submission, rows: Iterator[pa.RecordBatch]) -> None:
        digest = Digest()
        for block in blocks(rows):
            digest.add(block)
        if (digest.count, digest.hexdigest()) != (submission.count, submission.content):
            self._fail_submission(failures.CHANGED_CONTENT, submission)

    def _rows_in_order(
        self, files: list[Path], chain: tuple[Submission, ...], total: int
    ) -> Iterator[tuple[int, pa.RecordBatch]]:
        """The stored rows in batches, each of one submission, with its sequence."""
        with _sorting_in(self._ledger) as folder:
            connection = connect(sorting=folder)
            rows = named_rows(connection, files, chain)
            order = rows.order_by("sequence", "position").select("sequence", *SCHEMA.names)
            for batch in connection.to_pyarrow_batches(order, chunk_size=65_536):
                yield from _by_submission(batch)
                self._rows += batch.num_rows
                self._progress("content", self._rows, total)
            connection.disconnect()

    def _each_document(self, chain: tuple[Submission, ...]) -> None:
        documents = self._ledger.documents
        gone = erased(chain)
        for submission in chain:
            if not submission.document or submission.document in gone:
                continue
            self._documents += 1
            path = documents.path(submission.document)
            if not path.is_file() or sha256_of(path) != submission.document:
                self._fail_submission(failures.WRONG_DOCUMENT, submission)

    def _quotations(self) -> None:
        path = self._ledger.folder / "quoted" / "figures.jsonl"
        quotations = Quotations(self._ledger.folder)
        if quotations.lost:
            self._fail(failures.LOST_FILE, path)
        for line in quotations.damaged():
            where = Where(str(path), row=line)
            self._failures.append(Problem(failures.CHANGED_QUOTATION, where, "", {"line": str(line)}))

    def _expected(self, chain: tuple[Submission, ...], expect: str) -> None:
        if not expect:
            return
        try:
            at_head(chain, expect)
        except Refused:
            self._failures.append(Problem(failures.UNEXPECTED_HEAD, Where(str(self._ledger.folder)), expect))

    def _name(self, path: Path) -> str:
        return self._ledger.manifest.name(path)

    def _fail(self, rule: Rule, path: Path, found: str = "") -> None:
        self._failures.append(Problem(rule, Where(str(path)), found or path.name))

    def _fail_submission(self, rule: Rule, submission: Submission) -> None:
        values = {"sequence": str(submission.sequence), "id": submission.id}
        self._failures.append(Problem(rule, Where(str(self._ledger.folder)), submission.title, values))


@contextmanager
def _sorting_in(ledger: Ledger) -> Iterator[Path]:
    if ledger.writable:
        yield ledger.cache.sorting
        return
    with TemporaryDirectory() as folder:
        yield Path(folder)


def _by_submission(batch: pa.RecordBatch) -> Iterator[tuple[int, pa.RecordBatch]]:
    sequences, plain, start = batch.column("sequence").to_numpy(), batch.select(SCHEMA.names), 0
    while start < len(sequences):
        end = int(sequences.searchsorted(sequences[start], side="right"))
        yield int(sequences[start]), plain.slice(start, end - start)
        start = end
