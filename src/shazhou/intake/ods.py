"""How large the sheets of an ODS file are, told before a reader makes room for them.

An ODS file says of a cell or a row how often it is repeated; a few bytes can stand for a thousand million cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_TAG = re.compile(rb"<(/?)(?:[\w.-]+:)?(table|table-row|table-cell|covered-table-cell)(\s[^>]*?)?(/?)>")
_REPEATED = re.compile(rb"""number-(?:rows|columns)-repeated\s*=\s*["']([0-9]{1,18})["']""")


def extents(xml: bytes) -> Iterator[tuple[int, int]]:
    """Of each sheet the row and the column of its last cell with a value."""
    row = column = filled = 0
    last = 0, 0
    for tag in _TAG.finditer(xml):
        ends, name, attributes = tag.group(1) == b"/", tag.group(2), tag.group(3) or b""
        if name == b"table" and ends:
            yield last
            row, last = 0, (0, 0)
        elif name == b"table-row" and not ends:
            row += _repeated(attributes)
            column = filled = 0
        elif name.endswith(b"table-cell") and not ends:
            column += _repeated(attributes)
            filled = column if b"value" in attributes else filled
            last = (row, max(last[1], filled)) if filled else last


def _repeated(attributes: bytes) -> int:
    found = _REPEATED.search(attributes)
    return int(found.group(1)) if found else 1
