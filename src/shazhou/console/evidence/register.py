"""Registers: the entities of one kind at a head, searched, narrowed, sorted, a page at a time.

The states at a head are held in the memory of the process, in a connection of their own that answers one question at a
time. A page begins after the last row of the one before (a `Mark`), so that the thousandth page costs as much as the
first.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from threading import Lock
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar, get_args

import ibis
import ibis.expr.types as ir
import pyarrow as pa

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

ANSWERS_KEPT = 2_000
"""Answers that are kept for each head; a page takes about 50 kB."""

P = ParamSpec("P")
T = TypeVar("T")

Sort = Literal["best", "name", "place", "industry", "status", "code"]
SORTS: tuple[Sort, ...] = get_args(Sort)
"""``best``: first the entities whose name begins with the first word of the search, then the others; each by name."""

COLUMNS = ("number", "entity", "name", "name_en", "code", "place", "industry", "status", "more", "layer")
_LAST = "\U0010ffff"

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


def _kept(method: Callable[Concatenate[Register, P], T]) -> Callable[Concatenate[Register, P], T]:
    """A method whose answers are kept, since at a head they stay what they are."""

    @wraps(method)
    def answered(register: Register, /, *given: P.args, **named: P.kwargs) -> T:
        asked = (method.__name__, *map(_fixed, given), *((name, _fixed(each)) for name, each in named.items()))
        return register.answer(asked, lambda: method(register, *given, **named))

    return answered


def _fixed(given: object) -> object:
    return given if isinstance(given, Hashable) or not isinstance(given, Collection) else frozenset(given)


class Register:
    """The states at a head, to be asked."""

    def __init__(self, states: pa.Table) -> None:
        self._connection = connect()
        self._asking, self._keeping = Lock(), Lock()
        self._states = self._connection.create_table("states", states, temp=True)
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()

    def answer(self, asked: Hashable, find: Callable[[], T]) -> T:
        """The answer to a question, found where it is not known yet."""
        with self._keeping:
            if asked in self._answers:
                self._answers.move_to_end(asked)
                known: T = self._answers[asked]
                return known
        found = find()
        with self._keeping:
            self._answers[asked] = found
            while len(self._answers) > ANSWERS_KEPT:
                self._answers.popitem(last=False)
        return found

    @_kept
    def page(self, question: Question, sight: Sight, after: Mark | None = None, size: int = 50) -> Page:
        """The rows of a page, from behind a mark on."""
        return self._page(question, sight, after, size)

    def _page(self, question: Question, sight: Sight, after: Mark | None, size: int) -> Page:
        parts, found = _parts(self._states, question), list[tuple[Mark, Row]]()
        first = 1 if after is not None and len(parts) > 1 and after.text == "1" else 0
        asked = _asked(self._states, question, sight)
        for part, condition in list(enumerate(parts))[first:]:
            if len(found) <= size:
                behind = after if part == first else None
                found += self._sorted(question, asked.filter(condition), str(part), behind, size + 1 - len(found))
        rows = tuple(row for _mark, row in found[:size])
        return Page(rows, found[size - 1][0] if len(found) > size else None)

    def all(self, question: Question, sight: Sight) -> Iterator[Row]:
        """All rows, batch by batch."""
        after: Mark | None = None
        while True:
            page = self._page(question, sight, after, BATCH)
            yield from page.rows
            after = page.following
            if after is None:
                return

    @_kept
    def count(self, question: Question, sight: Sight) -> int:
        """How many rows there are, counted up to one more than `COUNTED`."""
        some = _asked(self._states, question, sight).select("number").limit(COUNTED + 1)
        return int(self._ask(some.count().as_table())[0]["CountStar()"])

    @_kept
    def kinds(self, sight: Sight) -> Mapping[str, int]:
        """How many entities of each kind there are."""
        seen = self._states.filter(_seen(self._states, sight))
        return {row["kind"]: row["many"] for row in self._ask(seen.group_by("kind").agg(many=seen.count()))}

    @_kept
    def statuses(self, kind: str, sight: Sight) -> Sequence[str]:
        """The statuses that occur, in order."""
        states = self._states
        stated = states.filter(_seen(states, sight), states.kind == kind, states.status != "")
        return [row["status"] for row in self._ask(stated.select("status").distinct().order_by("status").limit(200))]

    @_kept
    def entities(self, ids: Collection[str], sight: Sight) -> Mapping[str, Row]:
        """The rows of some entities, as far as they are seen."""
        if not ids:
            return {}
        return {
            row.entity: row for row in self._rows(_seen(self._states, sight), self._states.entity.isin(sorted(ids)))
        }

    @_kept
    def lies(self, entity: str) -> str | None:
        """The place that the whole evidence puts an entity in; None where nothing is known of it."""
        found = self._ask(self._states.filter(self._states.entity == entity).select("lies").limit(1))
        return str(found[0]["lies"]) if found else None

    @_kept
    def named(self, texts: Collection[str], kind: str, sight: Sight) -> Sequence[Row]:
        """The entities of a kind that have, or ever had, exactly one of these names."""
        wanted = sorted({plain(text) for text in texts if text})
        if not wanted:
            return []
        names = BETWEEN + self._states.names + BETWEEN
        had = ibis.or_(*(names.contains(f"{BETWEEN}{text}{BETWEEN}") for text in wanted))
        return self._rows(self._states.kind == kind, _seen(self._states, sight), had)

    @_kept
    def saying(self, variable: str, texts: Collection[str], kind: str, sight: Sight) -> Sequence[Row]:
        """The entities of a kind of which a further attribute says one of these texts, be it with a remark in brackets
        behind."""
        said = [f"{variable}={text}" for text in sorted(texts)]
        if not said:
            return []
        saying = self._states.more.filter(lambda each: each.split(" (")[0].isin(said)).length() > 0
        return self._rows(self._states.kind == kind, _seen(self._states, sight), saying)

    def _sorted(
        self, question: Question, asked: ibis.Table, part: str, after: Mark | None, most: int
    ) -> list[tuple[Mark, Row]]:
        """The next rows of a part, each with its mark."""
        by_name = question.sort in ("best", "name")
        keys = ["number"] if by_name else [question.sort, "number"]
        if after is not None:
            behind = _beyond(asked.number, after.number, question.descending)
            if not by_name:
                key = asked[question.sort]
                behind = _beyond(key, after.text, question.descending) | ((key == after.text) & behind)
            asked = asked.filter(behind)
        order = [ibis.desc(key) if question.descending else ibis.asc(key) for key in keys]
        rows = self._ask(asked.order_by(order).select(*COLUMNS).limit(most))
        return [(Mark(part if by_name else row[question.sort], row["number"]), _row(row)) for row in rows]

    def _rows(self, *conditions: ir.BooleanValue) -> list[Row]:
        return [_row(each) for each in self._ask(self._states.filter(*conditions).order_by("number").select(*COLUMNS))]

    def _ask(self, question: ibis.Table) -> list[dict[str, Any]]:
        with self._asking:
            found: list[dict[str, Any]] = self._connection.to_pyarrow(question).to_pylist()
        return found


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


def _row(found: Mapping[str, Any]) -> Row:
    further = dict(each.split("=", 1) for each in found["more"])
    plainly = {name: found[name] for name in COLUMNS if name not in ("more", "layer")}
    return Row(**plainly, more=further, whole=not found["layer"] & OPEN)


def _seen(states: ibis.Table, sight: Sight) -> ir.BooleanValue:
    """Rows that are seen: the whole ones as far as the sight reaches, the open ones elsewhere."""
    whole, opened = (states.layer & WHOLE) > 0, (states.layer & OPEN) > 0
    if sight.everywhere:
        return whole
    if sight.only_open:
        return opened
    reached = states.lies.isin(sorted(sight.places)) | states.entity.isin(sorted(sight.enterprises))
    return ibis.ifelse(reached, whole, opened)


def _asked(states: ibis.Table, question: Question, sight: Sight) -> ibis.Table:
    """The rows that a question is about."""
    words = plain(question.search).split()
    conditions = [_seen(states, sight), states.kind == question.kind]
    conditions += [states.place.isin(sorted(question.places))] if question.places else []
    conditions += [states.industry.isin(sorted(question.industries))] if question.industries else []
    conditions += [states.status == question.status] if question.status else []
    conditions += [states[_searched(word)].contains(word) for word in words]
    found = states.filter(*conditions)
    left = _left(states, words)
    # A query of its own, which reads integers alone.
    return found.semi_join(states.filter(*left).select("number"), "number") if left else found


def _left(states: ibis.Table, words: Sequence[str]) -> list[ir.BooleanValue]:
    """What the signatures of some words do not rule out."""
    return [
        (states[f"{_searched(word)}_{half}"] & bits) == bits
        for word in words
        for half, bits in zip(HALVES, signature(word), strict=True)
        if bits
    ]


def _searched(word: str) -> str:
    return "latin" if _LATIN.fullmatch(word) else "names"


def _parts(states: ibis.Table, question: Question) -> list[ir.BooleanValue]:
    """Conditions that part the rows into those that come first and the others. Rows are numbered by how their names are
    typed, so those whose name begins with a word lie together."""
    words = plain(question.search).split()
    if question.sort != "best" or not words:
        return [ibis.literal(True)]
    word = words[0]
    way = typed(word).whole
    together = (states.typed >= way) & (states.typed < way + _LAST)
    if _LATIN.fullmatch(word):
        begins = together | states.initials.startswith(word)
    else:
        begins = together & states.names.startswith(word)
    return [begins, ~begins]


def _beyond(column: ir.Value, last: Any, descending: bool) -> ir.BooleanValue:
    return column < last if descending else column > last
