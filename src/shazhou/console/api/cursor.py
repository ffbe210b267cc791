"""Cursors: where the next page begins, as one word that a caller hands back unread."""

from __future__ import annotations

import base64
import binascii
import json

from shazhou.city.problem import Problem, Refused, Rule, Where

BAD_CURSOR = Rule(
    "cursor",
    "{found} is no cursor of this list.",
    "{found} 不是本列表的有效游标。",
    "Hand back the cursor of the page before, or leave it out for the first page.",
    "请使用上一页返回的游标；首页请勿填写。",
)


def written(*place: int | str) -> str:
    """A place in a list as a cursor."""
    return base64.urlsafe_b64encode(json.dumps(place, ensure_ascii=False).encode()).decode().rstrip("=")


def number(cursor: str) -> int | None:
    """The place that a cursor of one number names; None for the first page.

    Raises:
        Refused: it is none.
    """
    if not cursor:
        return None
    place = _read(cursor)
    if len(place) != 1 or type(place[0]) is not int or not 0 <= place[0] < 2**31:
        raise Refused([Problem(BAD_CURSOR, Where(column="cursor"), cursor)])
    return place[0]


def text_and_number(cursor: str) -> tuple[str, int] | None:
    """The place that a cursor of a text and a number names; None for the first page.

    Raises:
        Refused: it is none.
    """
    if not cursor:
        return None
    place = _read(cursor)
    match place:
        case [str(text), int(after)] if 0 <= after < 2**31 and type(after) is int:
            return text, after
    raise Refused([Problem(BAD_CURSOR, Where(column="cursor"), cursor)])


def _read(cursor: str) -> list[object]:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        place = json.loads(base64.b64decode(padded, b"-_", validate=True))
    except (binascii.Error, UnicodeError, ValueError, RecursionError):
        place = None
    if not isinstance(place, list):
        raise Refused([Problem(BAD_CURSOR, Where(column="cursor"), cursor)])
    return place
