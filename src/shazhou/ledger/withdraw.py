"""Withdrawals: a submission, or some rows of it, no longer stated by its source. The rows stay, and so does the
reason."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

import ibis
import pyarrow as pa

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.observation import SCHEMA
from shazhou.ledger.submission import Delivery, Submission

NOTHING_TO_WITHDRAW = Rule(
    "nothing-to-withdraw",
    "The ledger has no submission {found} with such rows.",
    "账本中没有编号为 {found} 且包含这些行的报送。",
    "Take the id and the rows from shazhou submissions or a trail.",
    "请使用 shazhou submissions 或溯源给出的编号和行号。",
)


def withdraw(ledger: Ledger, submission: str, reason: str, deliverer: str, rows: Collection[int] = ()) -> Submission:
    """Withdraws what a submission states.

    Args:
        ledger: the ledger.
        submission: its id or sequence number.
        reason: why, kept in the title and in every row's note.
        deliverer: who withdraws.
        rows: rows of its document; all where empty.

    Raises:
        Refused: there is no such submission, or it has no such rows.
    """
    found = next((each for each in ledger.submissions() if submission in (each.id, str(each.sequence))), None)
    if found is None:
        raise Refused([Problem(NOTHING_TO_WITHDRAW, Where(str(ledger.folder)), submission)])
    connection = ibis.duckdb.connect()
    stated = ledger.observations(connection).filter(ibis._.attempt == found.attempt)
    if rows:
        stated = stated.filter(ibis._.row.isin(sorted(rows)))
    table = connection.to_pyarrow(stated.order_by("position").select(SCHEMA.names)).cast(SCHEMA)
    connection.disconnect()
    if not table.num_rows:
        raise Refused([Problem(NOTHING_TO_WITHDRAW, Where(str(ledger.folder)), submission)])
    empty = {
        "value": pa.nulls(table.num_rows, SCHEMA.field("value").type),
        "text": pa.nulls(table.num_rows, pa.string()),
    }
    empty["note"] = pa.repeat(pa.scalar(reason, pa.string()), table.num_rows)
    empty["status"] = pa.repeat(pa.scalar("M", pa.string()), table.num_rows)
    columns = [empty.get(name, table.column(name)) for name in SCHEMA.names]
    name = hashlib.sha256(f"{found.id}\0{sorted(rows)}".encode()).hexdigest()[:16]
    delivery = Delivery(
        f"withdraw:{name}", deliverer, "form", f"Withdrawal of {found.id}: {reason}", source=found.source
    )
    return ledger.append(delivery, pa.Table.from_arrays(columns, schema=SCHEMA))
