"""The content of a submission: checked against the schema, and hashed independently of how files hold it.

Rows are taken in their order, in blocks of `BLOCK` rows. Of each block every column of the schema gives the number of
its rows and nulls, which rows are null, its lengths (for texts) and its plain bytes; the block's sha256 is over these,
the submission's over its blocks.
Compaction may cut and sort files as it likes: rows brought back into their order give the same hash.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.ledger.observation import KINDS, ORIGINS, QUALIFIERS, SCHEMA, STATUSES

BLOCK = 65_536

WRONG_SCHEMA = Rule(
    "observation-schema",
    "The observations do not have the ledger's columns: {found}.",
    "观测值的列与账本不符：{found}。",
    "Deliver exactly the columns of shazhou.ledger.observation.SCHEMA.",
    "请按 shazhou.ledger.observation.SCHEMA 的列提交。",
)
EMPTY_CELL = Rule(
    "observation-empty",
    "The column {found} may not be empty.",
    "列 {found} 不能为空。",
    "Fill it; only value and text may be missing.",
    "请补全；只有 value 和 text 可以缺失。",
)
UNKNOWN_CODE = Rule(
    "observation-code",
    "{found} is not allowed in this column.",
    "该列不允许 {found}。",
    "Use one of: {allowed}.",
    "请使用以下之一：{allowed}。",
)
BACKWARD_PERIOD = Rule(
    "observation-period",
    "The period {found} ends before it starts.",
    "时期 {found} 的结束早于开始。",
    "Correct the period.",
    "请改正时期。",
)

_ALLOWED = {"kind": KINDS, "status": STATUSES, "qualifier": QUALIFIERS, "origin": ORIGINS}


def blocks(observations: pa.Table | Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The rows in their order as tables of `BLOCK` rows (the last may be shorter), with plain columns.

    Raises:
        Refused: a batch does not have the schema's columns and types.
    """
    batches = observations.to_batches(BLOCK) if isinstance(observations, pa.Table) else observations
    held: list[pa.Table] = []
    count = 0
    for batch in batches:
        held.append(_conforming(pa.Table.from_batches([batch])))
        count += batch.num_rows
        if count >= BLOCK:
            rows = pa.concat_tables(held)
            for start in range(0, count - BLOCK + 1, BLOCK):
                yield rows.slice(start, BLOCK).combine_chunks()
            left = count % BLOCK
            held, count = [rows.slice(count - left)], left
    if count:
        yield pa.concat_tables(held).combine_chunks()


def check(block: pa.Table) -> None:
    """Raises Refused where a block holds what an observation may not."""
    problems = []
    for field in SCHEMA:
        if not field.nullable and block.column(field.name).null_count:
            problems.append(Problem(EMPTY_CELL, Where(column=field.name), field.name))
    for name, allowed in _ALLOWED.items():
        for found in pc.unique(block.column(name)).to_pylist():
            if found is not None and found not in allowed:
                values = {"allowed": " ".join(repr(each) for each in allowed)}
                problems.append(Problem(UNKNOWN_CODE, Where(column=name), repr(found), values))
    backward = pc.less(block.column("end"), block.column("start"))
    if pc.any(backward).as_py():
        found = block.filter(backward).column("period")[0].as_py()
        problems.append(Problem(BACKWARD_PERIOD, Where(column="period"), str(found)))
    if problems:
        raise Refused(problems)


class Digest:
    """Hashes a submission's blocks in their order."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.count = 0

    def add(self, block: pa.Table) -> None:
        """Adds the next block, of `BLOCK` rows unless it is the last."""
        digest = hashlib.sha256()
        for field in SCHEMA:
            for part in _canonical(block.column(field.name), field.type):
                digest.update(part)
        self._hash.update(digest.digest())
        self.count += block.num_rows

    def hexdigest(self) -> str:
        """The hash of all blocks so far."""
        return self._hash.hexdigest()


def _conforming(table: pa.Table) -> pa.Table:
    if table.column_names != SCHEMA.names:
        raise Refused([Problem(WRONG_SCHEMA, Where(), ", ".join(table.column_names))])
    try:
        return table.cast(SCHEMA)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise Refused([Problem(WRONG_SCHEMA, Where(), str(error))]) from None
    except ValueError:
        empty = [name for name in SCHEMA.names if table.column(name).null_count and not SCHEMA.field(name).nullable]
        raise Refused([Problem(EMPTY_CELL, Where(column=name), name) for name in empty]) from None


def _canonical(column: pa.ChunkedArray, kind: pa.DataType) -> Iterator[bytes | memoryview]:
    array = column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)
    yield struct.pack("<QQ", len(array), array.null_count)
    if array.null_count:
        yield np.packbits(pc.is_null(array).to_numpy(zero_copy_only=False)).tobytes()
        array = array.fill_null(
            pa.scalar(b"" if pa.types.is_binary(kind) else "" if pa.types.is_string(kind) else 0, kind)
        )
    buffers = array.buffers()
    if pa.types.is_string(kind):
        offsets = np.frombuffer(buffers[1], np.int32)[array.offset : array.offset + len(array) + 1]
        yield np.diff(offsets).tobytes()
        yield memoryview(buffers[2])[offsets[0] : offsets[-1]] if buffers[2] is not None else b""
        return
    width = kind.bit_width // 8
    yield memoryview(buffers[1])[array.offset * width : (array.offset + len(array)) * width]
