"""Registers: the entities of one kind at a head, searched, narrowed, sorted, a page at a time.

The states at a head are held in the memory of the process, in a connection of their own; each question has a cursor, so
that visitors do not wait for one another. A page begins after the last row of the one before (a `Mark`), so that the
thousandth page costs as much as the first. Questions are plain SQL with parameters: they are asked at every key that
somebody types, and to write one out of an expression takes longer than to answer it.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Literal, get_args

import pyarrow as pa

from shazhou.city.model import City
from shazhou.console.evidence import current
from shazhou.console.evidence.pinyin import plain, typed
from shazhou.console.evidence.signature import HALVES, signature
from shazhou.console.evidence.stated import with_stated
from shazhou.console.evidence.states import BETWEEN, OPEN, WHOLE, kept
from shazhou.console.evidence.visible import Sight
from shazhou.ledger.engine import connect
from shazhou.ledger.ledger import AsOf

HEADS_OPEN = 2
"""Heads whose states are held in memory; about 500 MB for a million enterprises."""

COUNTED = 10_000
"""Rows that are counted at most; above it a register says "more than"."""

BATCH = 5_000
"""Rows fetched at once for an export."""

Sort = Literal["best", "name", "place", "industry", "status", "code"]
SORTS: tuple[Sort, ...] = get_args(Sort)
"""``best``: first the entities whose name begins with the first word of the search, then the others; each by name."""

COLUMNS = "number, entity, name, name_en, code, place, industry, status, more, layer"
_LAST = "\U0010ffff"
_OF_KIND = "kind = TRY_CAST(? AS kinds)"

Condition = tuple[str, list[Any]]
"""A condition in SQL, and the values of its parameters."""

_LATIN = re.compile(r"[\x00-\x7f\u00c0-\u024f]+")


@dataclass(frozen=True)
class Row:
    """An entity as a register shows it. ``whole``: something in it is not open to all."""

    number: int
    entity: str
    name: str
    name_en: str
    code: str
    place: str
    industry: str
    status: str
    more: Mapping[str, str]
    whole: bool

    @property
    def kind(self) -> str:
        return self.entity.partition(":")[0]


@dataclass(frozen=True)
class Mark:
    """Where a page begins: after the row with this text in what it is sorted by, and this number. Sorted by name the
    text tells the part of the rows (``0``: those that come first, ``1``: the others)."""

    text: str
    number: int


@dataclass(frozen=True)
class Question:
    """What is asked of a register. ``places`` and ``industries``: keys, with those below them; ``search``: words that
    must all be found in the names, as written, typed, or by first letters, or in a code."""

    kind: str
    search: str = ""
    places: frozenset[str] = frozenset()
    industries: frozenset[str] = frozenset()
    status: str = ""
    sort: Sort = "best"
    descending: bool = False


@dataclass(frozen=True)
class Page:
    """Some rows, and where the next page begins; None on the last."""

    rows: tuple[Row, ...]
    following: Mark | None


class Register:
    """The states at a head, to be asked."""

    def __init__(self, states: pa.Table) -> None:
        self._engine = connect()
        self._connection = self._engine.con
        self._connection.register("kept", states)
        self._connection.execute("CREATE TYPE kinds AS ENUM (SELECT DISTINCT kind FROM kept)")
        self._connection.execute(
            "CREATE TABLE states AS SELECT * REPLACE (kind::kinds AS kind) FROM kept ORDER BY number"
        )
        self._connection.unregister("kept")

    def page(self, question: Question, sight: Sight, after: Mark | None = None, size: int = 50) -> Page:
        """The rows of a page, from behind a mark on."""
        parts, found = _parts(question), list[tuple[Mark, Row]]()
        first = 1 if after is not None and len(parts) > 1 and after.text == "1" else 0
        for part, condition in list(enumerate(parts))[first:]:
            if len(found) <= size:
                asked = [_condition(question, sight), condition]
                found += self._sorted(
                    question, asked, str(part), after if part == first else None, size + 1 - len(found)
                )
        rows = tuple(row for _mark, row in found[:size])
        return Page(rows, found[size - 1][0] if len(found) > size else None)

    def all(self, question: Question, sight: Sight) -> Iterator[Row]:
        """All rows, batch by batch."""
        after: Mark | None = None
        while True:
            page = self.page(question, sight, after, BATCH)
            yield from page.rows
            after = page.following
            if after is None:
                return

    def count(self, question: Question, sight: Sight) -> int:
        """How many rows there are, counted up to one more than `COUNTED`."""
        condition, values = _condition(question, sight)
        inner = f"SELECT 1 FROM states WHERE {condition} LIMIT {COUNTED + 1}"
        return int(self._ask(f"SELECT count(*) FROM ({inner})", values)[0][0])

    def kinds(self, sight: Sight) -> dict[str, int]:
        """How many entities of each kind there are."""
        condition, values = _seen(sight)
        return dict(self._ask(f"SELECT kind, count(*) FROM states WHERE {condition} GROUP BY kind", values))

    def statuses(self, kind: str, sight: Sight) -> list[str]:
        """The statuses that occur, in order."""
        condition, values = _seen(sight)
        asked = f"SELECT DISTINCT status FROM states WHERE {_OF_KIND} AND {condition} AND status <> '' ORDER BY status"
        return [row[0] for row in self._ask(f"{asked} LIMIT 200", [kind, *values])]

    def entities(self, ids: Collection[str], sight: Sight) -> dict[str, Row]:
        """The rows of some entities, as far as they are seen."""
        if not ids:
            return {}
        condition, values = _seen(sight)
        among, wanted = _among("entity", ids)
        return {row.entity: row for row in self._rows(f"{among} AND {condition}", [*wanted, *values])}

    def lies(self, entity: str) -> str | None:
        """The place that the whole evidence puts an entity in; None where nothing is known of it."""
        found = self._ask("SELECT lies FROM states WHERE entity = ? LIMIT 1", [entity])
        return str(found[0][0]) if found else None

    def named(self, texts: Collection[str], kind: str, sight: Sight) -> list[Row]:
        """The entities of a kind that have, or ever had, exactly one of these names."""
        wanted = sorted({plain(text) for text in texts if text})
        condition, values = _seen(sight)
        whole = f"list_has_any(string_split(names, '{BETWEEN}'), ?)"
        asked = f"{_OF_KIND} AND {condition} AND ({' OR '.join(['contains(names, ?)'] * len(wanted))}) AND {whole}"
        return self._rows(f"{asked} ORDER BY number", [kind, *values, *wanted, wanted]) if wanted else []

    def saying(self, variable: str, texts: Collection[str], kind: str, sight: Sight) -> list[Row]:
        """The entities of a kind of which a further attribute says one of these texts, be it with a remark in brackets
        behind."""
        said = [f"{variable}={text}" for text in texts]
        condition, values = _seen(sight)
        asked = (
            f"{_OF_KIND} AND {condition} AND len(list_filter(more, m -> list_contains(?, split_part(m, ' (', 1)))) > 0"
        )
        return self._rows(f"{asked} ORDER BY number", [kind, *values, said])

    def _sorted(
        self, question: Question, asked: list[Condition], part: str, after: Mark | None, most: int
    ) -> list[tuple[Mark, Row]]:
        """The next rows of a part for which conditions hold, each with its mark."""
        way, beyond = ("DESC", "<") if question.descending else ("ASC", ">")
        by_name = question.sort in ("best", "name")
        key, order = ("?", f"number {way}") if by_name else (question.sort, f"{question.sort} {way}, number {way}")
        if after is not None:
            behind = f"number {beyond} ?" if by_name else f"({key} {beyond} ? OR ({key} = ? AND number {beyond} ?))"
            asked = [*asked, (behind, [after.number] if by_name else [after.text, after.text, after.number])]
        condition, values = _all(asked)
        wanted = f"SELECT {key}, {COLUMNS} FROM states WHERE {condition} ORDER BY {order} LIMIT {most}"
        found = self._ask(wanted, [part, *values] if by_name else values)
        return [(Mark(said, rest[0]), _row(tuple(rest))) for said, *rest in found]

    def _rows(self, rest: str, values: Sequence[Any]) -> list[Row]:
        return [_row(each) for each in self._ask(f"SELECT {COLUMNS} FROM states WHERE {rest}", values)]

    def _ask(self, question: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            return list(cursor.execute(question, list(values)).fetchall())


_lock = Lock()
_open: OrderedDict[str, Register] = OrderedDict()


def register(as_of: AsOf = None) -> Register:
    """The register at a moment.

    Raises:
        Refused: there is no such head, or it holds no definitions.
    """
    head = current.head(as_of)
    with _lock:
        if head not in _open:
            _open[head] = Register(with_stated(head, kept))
            while len(_open) > HEADS_OPEN:
                _open.popitem(last=False)
        _open.move_to_end(head)
        return _open[head]


def _row(found: tuple[Any, ...]) -> Row:
    number, entity, name, name_en, code, place, industry, status, more, layer = found
    further = dict(each.split("=", 1) for each in more)
    return Row(number, entity, name, name_en, code, place, industry, status, further, not layer & OPEN)


def _seen(sight: Sight) -> Condition:
    """Rows that are seen: the whole ones as far as the sight reaches, the open ones elsewhere."""
    if sight.everywhere:
        return f"(layer & {WHOLE}) > 0", []
    if sight.only_open:
        return f"(layer & {OPEN}) > 0", []
    place, places = _among("lies", sight.places)
    enterprise, enterprises = _among("entity", sight.enterprises)
    seen = f"CASE WHEN {place} OR {enterprise} THEN (layer & {WHOLE}) > 0 ELSE (layer & {OPEN}) > 0 END"
    return f"({seen})", [*places, *enterprises]


def _among(column: str, texts: Collection[str]) -> Condition:
    return f"{column} IN ({', '.join('?' * len(texts))})" if texts else "false", sorted(texts)


def _condition(question: Question, sight: Sight) -> Condition:
    condition, values = _seen(sight)
    parts = [condition, _OF_KIND]
    values = [*values, question.kind]
    for column, keys in (("place", question.places), ("industry", question.industries)):
        if keys:
            among, wanted = _among(column, keys)
            parts.append(among)
            values += wanted
    if question.status:
        parts.append("status = ?")
        values.append(question.status)
    left, bits = _left(plain(question.search).split())
    for word in plain(question.search).split():
        parts.append(f"contains({_searched(word)}, ?)")
        values.append(word)
    if left:
        parts.append(f"rowid IN (SELECT rowid FROM states WHERE {left})")
        values += bits
    return " AND ".join(parts), values


def _left(words: Sequence[str]) -> Condition:
    """Rows that the signatures of some words do not rule out: for a query of its own, which reads integers alone."""
    parts: list[str] = []
    values: list[Any] = []
    for word in words:
        for half, bits in zip(HALVES, signature(word), strict=True):
            if bits:
                parts.append(f"({_searched(word)}_{half} & ?) = ?")
                values += [bits, bits]
    return " AND ".join(parts), values


def _searched(word: str) -> str:
    return "latin" if _LATIN.fullmatch(word) else "names"


def _parts(question: Question) -> list[Condition]:
    """Conditions that part the rows into those that come first and the others. Rows are numbered by how their names are
    typed, so those whose name begins with a word lie together."""
    words = plain(question.search).split()
    if question.sort != "best" or not words:
        return [("true", [])]
    word = words[0]
    way = typed(word).whole
    together = "typed >= ? AND typed < ?"
    if _LATIN.fullmatch(word):
        begins, values = f"(({together}) OR starts_with(initials, ?))", [way, way + _LAST, word]
    else:
        begins, values = f"({together} AND starts_with(names, ?))", [way, way + _LAST, word]
    return [(begins, values), (f"NOT {begins}", values)]


def _all(conditions: Iterable[Condition]) -> Condition:
    texts, values = zip(*conditions, strict=True)
    return " AND ".join(texts), [each for some in values for each in some]


def with_parts(city: City, industry: str) -> frozenset[str]:
    """An industry and those that are part of it."""
    found, todo = set(), [industry]
    while todo:
        key = todo.pop()
        found.add(key)
        todo += [each.key for each in city.industries.values() if each.part_of == key and each.key not in found]
    return frozenset(found)
