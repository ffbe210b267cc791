"""Reading: DuckDB over the tail and the Parquet files, as of one commit, while another process writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.telemetry.store import tail
from shazhou.telemetry.store.filing import named
from shazhou.telemetry.store.journal import moment
from shazhou.telemetry.store.kinds import KINDS, Kind
from shazhou.telemetry.store.schema import SAMPLES

MEMORY = "256MB"
"""What the engine may use for one store; what a query or compaction sorts beyond that goes to disk meanwhile."""

LOST = Rule(
    "telemetry-lost",
    "A file of the telemetry cannot be read: {found}.",
    "联网数据的文件无法读取：{found}。",
    "Restore the folder from a backup.",
    "请从备份恢复该文件夹。",
)

TOO_MUCH = Rule(
    "telemetry-too-much",
    "Too many rows at once for the memory that a question may use: {found}.",
    "一次读取的行数超出查询可用内存：{found}。",
    "Ask for a shorter span, for one machine, or for fewer columns.",
    "请缩短时间范围、只查询一台设备，或减少列数。",
)

TRIES = 5
"""How often a question is asked because compaction has just replaced the files that it went by."""

SERIES = pa.schema(
    [
        pa.field("node", pa.string(), nullable=False),
        pa.field("device", pa.string(), nullable=False),
        pa.field("metric", pa.string(), nullable=False),
        pa.field("datatype", pa.int32(), nullable=False),
        pa.field("unit", pa.string(), nullable=False),
        pa.field("origin", pa.string(), nullable=False),
    ]
)
"""What a series is: its place in the catalogue stands in the rows."""

NAMED_SAMPLES = pa.schema([*SERIES, *(field for field in SAMPLES if field.name != "series")])
"""Samples with what their series is."""

Equal = Mapping[str, str | Sequence[str]]
"""By column the value, or the several, that it must have; empty for any."""


def engine(scratch: Path) -> duckdb.DuckDBPyConnection:
    """A query engine that puts into the given folder what does not fit into `MEMORY`."""
    made = duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(scratch)})
    made.execute("SET enable_progress_bar = false")
    return made


@dataclass(frozen=True)
class Reader:
    """Questions about a store's rows through one connection, each answered as of one commit."""

    folder: Path
    connection: sqlite3.Connection
    engine: duckdb.DuckDBPyConnection

    def rows(self, kind: Kind, start: int, stop: int, equal: Equal, columns: Sequence[str] = ()) -> pa.Table:
        """Rows of a kind from a moment to before another, ordered by time and record number; samples with their
        series. All columns, or those that are named."""
        schema = NAMED_SAMPLES if kind is KINDS["samples"] else kind.schema
        if columns:
            schema = pa.schema([schema.field(name) for name in columns])
        order = [name for name in ("at", "sequence", "received", *kind.sorted_by) if name in kind.schema.names]
        return self._ask(f"SELECT {_quoted(schema.names)}", kind, start, stop, equal, order).cast(schema)

    def machines(self, start: int, stop: int, equal: Equal) -> list[tuple[str, str]]:
        """Nodes and devices that have minutes in a span, in order."""
        names = ("node", "device")
        found = self._ask(f"SELECT DISTINCT {_quoted(names)}", KINDS["minutes"], start, stop, equal, names)
        return [(row["node"], row["device"]) for row in found.to_pylist()]

    def _ask(self, select: str, kind: Kind, start: int, stop: int, equal: Equal, order: Iterable[str]) -> pa.Table:
        for left in reversed(range(TRIES)):
            try:
                return self._ask_once(select, kind, start, stop, equal, order)
            except duckdb.OutOfMemoryException as error:
                raise Refused([Problem(TOO_MUCH, Where(str(self.folder)), MEMORY)]) from error
            except duckdb.IOException as error:
                if not left:
                    raise Refused([Problem(LOST, Where(str(self.folder)), str(error))]) from error
        raise AssertionError(TRIES)

    def _ask_once(self, select: str, kind: Kind, start: int, stop: int, equal: Equal, order: Iterable[str]) -> pa.Table:
        within = "kind = ? AND last >= ? AND first < ?", (kind.name, start, stop)
        of_series = "series" in kind.schema.names
        with moment(self.connection):
            frames = tail.frames(self.connection, *within)
            files = [str(self.folder / file.name) for file in named(self.connection, *within)]
            series = _series(self.connection, equal) if of_series else None
        condition, values = ("TRUE", []) if of_series else _condition(equal)
        with self.engine.cursor() as cursor:
            cursor.register("tail", tail.table(kind, frames))
            if series is not None:
                cursor.register("catalogue", series)
            found = cursor.execute(
                f"""{select} FROM (FROM tail {"UNION ALL FROM read_parquet(?)" if files else ""})
                {"JOIN catalogue USING (series)" if of_series else ""}
                WHERE "at" >= ? AND "at" < ? AND {condition} ORDER BY {_quoted(dict.fromkeys(order))}""",
                [*([files] if files else []), start, stop, *values],
            )
            return found.to_arrow_table()


def _series(connection: sqlite3.Connection, equal: Equal) -> pa.Table:
    condition, values = _condition(equal)
    names = ["series", *SERIES.names]
    found = connection.execute(f"SELECT id, {_quoted(SERIES.names)} FROM series WHERE {condition}", values)
    columns = list(zip(*found, strict=True)) or [()] * len(names)
    return pa.table(columns, schema=pa.schema([SAMPLES.field("series"), *SERIES]))


def _condition(equal: Equal) -> tuple[str, list[str]]:
    """What a row must fulfil, with a question mark for each of the values that follow."""
    parts, values = ["TRUE"], []
    for column, wanted in equal.items():
        several = [wanted] if isinstance(wanted, str) else list(wanted)
        if wanted:
            parts.append(f"{_quoted([column])} IN ({', '.join('?' * len(several))})")
            values += several
    return " AND ".join(parts), values


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
