"""What somebody changed in a filled template and left to the source that had stated otherwise.

A template comes with the values that sources have stated, each with its source. Whoever overwrites such a value speaks
for himself: left as it is, the row would put the new value into the mouth of the old source. A source that corrected
itself has done so on another day, so a row with another source date is believed; and so is one whose source was named
at loading.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ibis import _

from shazhou.city.model import City
from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.intake.consistency import MANY
from shazhou.intake.door import Prepared
from shazhou.ledger.engine import connect
from shazhou.ledger.ledger import Ledger

SAID_OTHERWISE = Rule(
    "source-says-otherwise",
    "“{source}” does not state {found} but {stated}.",
    "“{source}”所载并非 {found}，而是 {stated}。",
    "Give your own source in the source cell, or clear it so that --source counts; if the source has corrected itself,"
    " give the date of the correction in source_date.",
    "请在来源单元格填写您自己的来源，或清空该格以采用 --source；如该来源已自行更正，请在 source_date 中填写更正日期。",
)

Row = dict[str, Any]

_KEY = ("entity", "industry", "variable", "kind", "start", "end", "source")
_SAID = ("value", "text", "qualifier")


def refuse_changed(city: City, ledger: Ledger, prepared: Prepared) -> None:
    """Refuses rows whose source states another value of the same thing.

    Args:
        city: definitions; the source named at loading speaks for its rows.
        ledger: what sources have stated.
        prepared: the filled template.

    Raises:
        Refused: with every such row.
    """
    delivery = prepared.delivery
    named = city.sources.get(delivery.source)
    rows = [row for batch in prepared.batches() for row in batch.to_pylist()]
    cited = [row for row in rows if row["variable"] not in MANY and (named is None or row["source"] != named.title)]
    if cited:
        problems = list(_problems(delivery.document_name, cited, _stated(ledger, cited)))
        if problems:
            raise Refused(problems)


def _problems(file: str, rows: list[Row], stated: dict[tuple[Any, ...], Row]) -> Iterator[Problem]:
    for row in rows:
        held = stated.get(_key(row))
        if held is None or held["source_date"] != row["source_date"]:
            continue
        if any(held[name] != row[name] for name in _SAID):
            values = {"source": row["source"], "stated": _shown(held)}
            yield Problem(SAID_OTHERWISE, Where(file, row["sheet"], row["row"], "source"), _shown(row), values)


def _stated(ledger: Ledger, rows: list[Row]) -> dict[tuple[Any, ...], Row]:
    """The newest statement of each source about the things that the rows are about; none where it was withdrawn."""
    wanted = {name: sorted({row[name] for row in rows}) for name in ("entity", "variable", "source")}
    connection = connect()
    about = ledger.observations(connection).filter([_[name].isin(values) for name, values in wanted.items()])
    held = connection.to_pyarrow(about.order_by("sequence", "position")).to_pylist()
    connection.disconnect()
    newest = {_key(row): row for row in held}
    return {key: row for key, row in newest.items() if row["value"] is not None or row["text"] is not None}


def _key(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in _KEY)


def _shown(row: Row) -> str:
    return str(row["text"]) if row["text"] is not None else f"{row['given']} {row['unit']}".strip()
