"""Withdrawals: a submission, or some rows of it, no longer stated by its source. The rows stay, and so does the
reason.

A withdrawal is a submission of the same keys without value, so it takes away what counts. Where the source has stated
a key anew since, the newer statement counts, and nothing of the old one is left to withdraw.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable

import pyarrow as pa
from ibis import _

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.ledger.engine import connect
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.observation import SCHEMA
from shazhou.ledger.reason import given_reason
from shazhou.ledger.submission import Delivery, Submission

NOTHING_TO_WITHDRAW = Rule(
    "nothing-to-withdraw",
    "The ledger has no submission {found} with rows that could be withdrawn.",
    "账本中没有编号为 {found} 且可以撤回的报送。",
    "Take the id or number from shazhou submissions; a withdrawal, or what was stated anew since, cannot be withdrawn.",
    "请使用 shazhou submissions 给出的编号；撤回本身、以及其后已重新报送的内容不能再撤回。",
)
NO_SUCH_ROW = Rule(
    "withdraw-row",
    "Submission {submission} has no row {found} that could be withdrawn.",
    "报送 {submission} 没有可以撤回的第 {found} 行。",
    "Take the rows from a trail; what was stated anew since cannot be withdrawn.",
    "请使用溯源给出的行号；其后已重新报送的内容不能再撤回。",
)

WITHDRAWAL = "withdraw:"
"""How the id of a withdrawal begins."""

_STATEMENT = ("entity", "industry", "variable", "kind", "start", "end", "source")


def withdraw(ledger: Ledger, submission: str, reason: str, deliverer: str, rows: Collection[int] = ()) -> Submission:
    """Withdraws what a submission states.

    Args:
        ledger: the ledger.
        submission: its id or sequence number.
        reason: why, kept in the title and in every row's note.
        deliverer: who withdraws.
        rows: rows of its document; all where empty.

    The same withdrawal again returns the first one.

    Raises:
        Refused: there is no such submission, it has no such rows that still count, or no reason is given.
    """
    reason = given_reason(reason)
    chain = ledger.submissions()
    named = [each for each in chain if each.id == submission] or [e for e in chain if str(e.sequence) == submission]
    if not named:
        raise Refused([Problem(NOTHING_TO_WITHDRAW, Where(str(ledger.folder)), submission)])
    found = named[0]
    name = WITHDRAWAL + hashlib.sha256(f"{found.id}\0{sorted(set(rows))}".encode()).hexdigest()[:16]
    before = next((each for each in chain if each.id == name), None)
    if before is not None:
        return before
    stated = _still_stated(ledger, chain[-1].head, found, rows)
    missing = sorted(set(rows) - set(stated.column("row").to_pylist()))
    if missing:
        values = {"submission": submission}
        raise Refused(Problem(NO_SUCH_ROW, Where(found.document_name, row=row), str(row), values) for row in missing)
    if not stated.num_rows:
        raise Refused([Problem(NOTHING_TO_WITHDRAW, Where(str(ledger.folder)), submission)])
    title = _title(found.id, reason)
    return ledger.append(Delivery(name, deliverer, "form", title, source=found.source), _emptied(stated, reason))


def withdrawn(submission: Submission, chain: Iterable[Submission]) -> Submission | None:
    """The first withdrawal of a submission or of rows of it, or None."""
    begins = _title(submission.id, "")
    return next((each for each in chain if each.id.startswith(WITHDRAWAL) and each.title.startswith(begins)), None)


def _title(submission: str, reason: str) -> str:
    return f"Withdrawal of {submission}: {reason}"


def _still_stated(ledger: Ledger, head: str, found: Submission, rows: Collection[int]) -> pa.Table:
    """The rows to withdraw, without those that the same source stated anew by then, later in ledger or document."""
    connection = connect()
    everything = ledger.observations(connection, head)
    chosen = (_.sequence == found.sequence) & (_.value.notnull() | _.text.notnull())
    if rows:
        chosen &= _.row.isin(sorted(set(rows)))
    mine = everything.filter(chosen)
    others = everything.anti_join(mine.select("sequence", "position"), ["sequence", "position"])
    newer = others.select(*_STATEMENT, later_sequence="sequence", later_position="position")
    later = (newer.later_sequence > mine.sequence) | (
        (newer.later_sequence == mine.sequence) & (newer.later_position > mine.position)
    )
    standing = mine.anti_join(newer, [*_STATEMENT, later])
    table = connection.to_pyarrow(standing.order_by("position").select(SCHEMA.names)).cast(SCHEMA)
    connection.disconnect()
    return table


def _emptied(stated: pa.Table, reason: str) -> pa.Table:
    count = stated.num_rows
    empty = {
        "value": pa.nulls(count, SCHEMA.field("value").type),
        "text": pa.nulls(count, pa.string()),
        "note": pa.repeat(pa.scalar(reason, pa.string()), count),
        "status": pa.repeat(pa.scalar("M", pa.string()), count),
    }
    return pa.Table.from_arrays([empty.get(name, stated.column(name)) for name in SCHEMA.names], schema=SCHEMA)
