"""Reading a document by the ending of its name."""

from __future__ import annotations

from shazhou.intake.delimited import read_delimited
from shazhou.intake.document import Document, from_parquet, unknown_format
from shazhou.intake.workbook import read_workbook


def read_document(
    file: str, content: bytes, sheet: str = "", header: int = 1, encoding: str = "", known: frozenset[str] = frozenset()
) -> Document:
    """Reads a document: .csv, .txt, .tsv (also .gz), .xlsx, .xlsm, .xls, .ods or .parquet.

    Args:
        file: its name.
        content: its bytes.
        sheet: the sheet to read; empty: the first that shows anything.
        header: the row that names the columns, from 1.
        encoding: the encoding of a CSV file; empty: UTF-8, or GB 18030 with a warning.
        known: the columns that the mapping expects, by which the separator of a CSV file is told.

    Raises:
        Refused: it cannot be read, with every problem of its shape.
    """
    lowered = file.lower()
    if lowered.endswith((".csv", ".txt", ".tsv", ".csv.gz", ".txt.gz", ".tsv.gz")):
        return read_delimited(file, content, header, encoding, known)
    if lowered.endswith((".xlsx", ".xlsm", ".xls", ".ods")):
        return read_workbook(file, content, sheet, header)
    if lowered.endswith(".parquet"):
        return from_parquet(file, content)
    raise unknown_format(file)
