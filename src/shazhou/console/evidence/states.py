"""The current state of every entity at a head: what the newest statements about its attributes say.

A table that can be made again at any time, kept in the ledger's cache under the head. Each entity has one row; where
some of what is stated of it is not open to all it has two: the ``OPEN`` one, made of open statements alone (none, where
there are none), and the ``WHOLE`` one. ``lies`` is the place that the whole evidence puts it in, by which it is decided
who sees the whole row. Rows are numbered in the order in which their names are typed.

Places and industries are what the city's definitions say. The state at a head is that at an earlier one, where that is
kept, with whatever has been spoken of since made anew.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from shazhou.city.model import City
from shazhou.console.evidence import current
from shazhou.console.evidence.pinyin import plain, typed
from shazhou.console.evidence.signature import HALVES, signatures
from shazhou.console.evidence.stated import Stated
from shazhou.console.evidence.visible import open_rows
from shazhou.measure.statements import Statements

FILE = "states-3.parquet"
"""The number rises with the form of the file."""

HEADS_KEPT = 8
"""Heads whose states are kept in the cache."""

FURTHEST = 200
"""Submissions that kept states may lie back to be brought up to date."""

OPEN, WHOLE = 1, 2
"""Bits of ``layer``: the row that everybody sees, the row of those who see everything; one row can be both."""

NAMES = ("name", "alias", "name_en")

BETWEEN = "\n"
"""Stands between the texts of a column that is searched."""

_TEXTS = ("name", "name_en", "code", "place", "industry", "status")
_SAID = ("entity", *_TEXTS, "names", "more")
SCHEMA = pa.schema(
    [
        ("number", pa.int32()),
        ("entity", pa.string()),
        ("kind", pa.string()),
        ("layer", pa.int8()),
        *((name, pa.string()) for name in _TEXTS),
        ("lies", pa.string()),
        ("more", pa.list_(pa.string())),
        ("names", pa.string()),
        ("latin", pa.string()),
        ("typed", pa.string()),
        ("initials", pa.string()),
        *((f"{name}_{half}", pa.int64()) for name in ("names", "latin") for half in HALVES),
    ]
)
"""``more``: further attributes as ``variable=text``, numbers in base units. ``names`` and ``latin`` are searched: every
name with Chinese in it that the entity ever had; other names, how all are typed, codes and the key. ``typed`` and
``initials``: how the name that is shown is typed. ``names_lower`` and so on: the signatures of what is searched."""


def kept(stated: Stated) -> pa.Table:
    """The states at a head, of `SCHEMA`: read from the cache, or made and kept there."""
    cache = current.ledger().cache
    content = cache.read(stated.head, FILE)
    if content is not None:
        return _table(content)
    states = _renewed(stated)
    if states is None:
        states = made(stated)
    buffer = io.BytesIO()
    pq.write_table(states, buffer, compression="zstd")
    cache.keep(stated.head, FILE, buffer.getvalue())
    cache.forget(FILE, but=HEADS_KEPT)
    return states


def made(stated: Stated, only: Sequence[str] | None = None) -> pa.Table:
    """The states at a head, made from the evidence about all entities, or only about some."""
    rows = stated.observations
    if only is not None:
        rows = rows.semi_join(ibis.memtable({"entity": list(only)}, schema={"entity": "string"}), "entity")
    is_open = open_rows(rows, stated.city)
    whole = stated.connection.to_pyarrow(_said(stated, rows))
    if stated.connection.to_pyarrow(rows.filter(~is_open).count()).as_py():
        opened = stated.connection.to_pyarrow(_said(stated, rows.filter(is_open)))
        said = _layered(stated, opened, whole)
    else:
        said = whole.append_column("layer", pa.repeat(pa.scalar(OPEN | WHOLE, pa.int8()), len(whole)))
    return _numbered([_dressed(said, stated.city.root), _defined(stated.city)])


def status_variable(city: City, kind: str) -> str:
    """The attribute that says how an entity of a kind stands; empty where the city has none."""
    names = [each.id for each in city.variables.values() if each.measure == "attribute" and kind in each.of]
    preferred = [name for name in (f"{kind}_status", "status") if name in names]
    return next(iter([*preferred, *(name for name in names if name.endswith("_status"))]), "")


def _said(stated: Stated, observations: ibis.Table) -> ibis.Table:
    """What is said now, one row for each entity that is no place: columns `_SAID`."""
    city, statements = stated.city, Statements(observations, stated.city, stated.profile)
    coded = {each.code: each.id for each in reversed(city.variables.values()) if each.code}
    uscc, classified, stock = (coded.get(code, "") for code in ("uscc", "gbt4754", "stock"))
    statuses = [found for kind in ("enterprise", "project", "platform") if (found := status_variable(city, kind))]
    said = _long(city, statements, {*NAMES, uscc, stock})

    own = ["", "*", *NAMES, "same_as", "place", "industry", uscc]

    def of(variable: str) -> ir.StringValue:
        return said.text.max(where=said.variable == (variable or "-")).coalesce("")

    more = (said.variable + "=" + said.text).collect(where=~said.variable.isin(own))
    wide = said.group_by("entity").agg(
        **{name: of(name) for name in ("name", "name_en", "place", "industry")},
        code=of(uscc),
        status=ibis.coalesce(*(of(name).nullif("") for name in statuses), ""),
        classified=of(classified),
        names=said.text.collect(where=said.variable == "*", distinct=True),
        more=more,
    )
    joined = wide.left_join(_industries_of_codes(city), "classified")
    industry = joined.industry.nullif("").coalesce(joined.by_code, "")
    return joined.mutate(
        industry=industry,
        place=joined.place.re_replace("^place:", ""),
        **{name: joined[name].coalesce(ibis.literal([], type="array<string>")).sort() for name in ("names", "more")},
    ).select(*_SAID)


def _long(city: City, statements: Statements, naming: set[str]) -> ibis.Table:
    """Columns entity, variable, text: the newest of each attribute, ``*`` for every name and code ever stated, and an
    empty one, so that whatever was spoken of is there."""
    attributes = [each for each in city.variables.values() if each.measure == "attribute"]
    texts = [each.id for each in attributes if each.type not in ("number", "integer")]
    numbers = [each.id for each in attributes if each.type in ("number", "integer")]
    parts = [statements.entities().mutate(variable=ibis.literal(""), text=ibis.literal(""))]
    if texts:
        parts.append(_newest(statements.attributes(texts)))
        called = statements.about(naming & set(texts), "actual")
        parts.append(called.filter(called.text.notnull()).mutate(variable=ibis.literal("*")))
    if numbers:
        amounts = statements.numbers(numbers, "actual")
        amounts = amounts if "variable" in amounts.columns else amounts.mutate(variable=ibis.literal(numbers[0]))
        parts.append(_newest(amounts.mutate(value=amounts.value.cast("string"))))
    narrow = [part.select("entity", "variable", "text") for part in parts]
    said = ibis.union(*narrow) if len(narrow) > 1 else narrow[0]
    return said.filter(~said.entity.startswith("place:"))


def _newest(statements: ibis.Table) -> ibis.Table:
    """Of each attribute what was stated for the latest start; of several that begin on one day the shortest counts."""
    start, end = statements.start.epoch_days(), statements.end.epoch_days()
    order = start.cast("int64") * 1_000_000 - ibis.least(end - start, 999_999)
    ordered = statements.mutate(order=order)
    return ordered.group_by("entity", "variable").agg(text=ordered.value.argmax(ordered.order))


def _industries_of_codes(city: City) -> ibis.Table:
    """Columns classified, by_code: the industry that a classification code belongs to, by its longest prefix."""
    prefixes = [(prefix, each.key) for each in city.industries.values() for prefix in each.codes]
    rows = []
    for code in city.classification:
        fitting = [(len(prefix), key) for prefix, key in prefixes if code.startswith(prefix)]
        rows += [{"classified": code, "by_code": max(fitting)[1]}] if fitting else []
    return ibis.memtable(rows, schema={"classified": "string", "by_code": "string"})


def _layered(stated: Stated, opened: pa.Table, whole: pa.Table) -> pa.Table:
    """Both layers, as one row where they say the same."""
    layers = [
        ibis.memtable(said).mutate(layer=ibis.literal(bit).cast("int8"))
        for said, bit in ((opened, OPEN), (whole, WHOLE))
    ]
    both = ibis.union(*layers)
    found: pa.Table = stated.connection.to_pyarrow(both.group_by(*_SAID).agg(layer=both.layer.sum().cast("int8")))
    return found


def _dressed(said: pa.Table, root: str) -> pa.Table:
    """Rows of `SCHEMA`, not yet numbered."""
    whole = said.filter(pc.greater_equal(said.column("layer"), WHOLE))
    lies = dict(zip(whole.column("entity").to_pylist(), whole.column("place").to_pylist(), strict=True))
    told = [said.column(name).to_pylist() for name in ("entity", "name", "name_en", "code", "names")]
    searched = list(zip(*(_searched(*each) for each in zip(*told, strict=True)), strict=True)) or [()] * 5
    columns = {name: said.column(name) for name in (*_TEXTS, "entity", "layer", "more")}
    columns |= dict(zip(_SEARCHED, searched, strict=True))
    columns["number"] = pa.nulls(len(said), pa.int32())
    columns["kind"] = [entity.partition(":")[0] for entity in told[0]]
    columns["lies"] = [lies.get(entity) or root for entity in told[0]]
    return _signed(columns)


_SEARCHED = ("name", "names", "latin", "typed", "initials")


def _searched(entity: str, name: str, name_en: str, code: str, names: Sequence[str]) -> tuple[str, str, str, str, str]:
    """The name shown, and what is searched of it and of the others: columns `_SEARCHED`."""
    shown = name or name_en or (names[0] if names else entity.partition(":")[2])
    every = [each for each in dict.fromkeys((shown, name_en, *names)) if each]
    ways = [typed(each) for each in every]
    latin = [*(each.whole for each in ways), *(each.initials for each in ways), code.lower(), entity.partition(":")[2]]
    chinese = plain(BETWEEN.join(each for each in every if not each.isascii()))
    return shown, chinese, BETWEEN.join(filter(None, dict.fromkeys(latin))), *ways[0]


def _defined(city: City) -> pa.Table:
    """The places and industries of the city's definitions, open to all."""
    rows = [
        (place.entity, place.name, place.aliases, place.code, place.parent, "", place.kind, key)
        for key, place in city.places.items()
    ]
    rows += [
        (f"industry:{key}", each.name, each.aliases, "", "", each.part_of, each.group, city.root)
        for key, each in city.industries.items()
    ]
    found = []
    for entity, name, aliases, code, place, industry, status, lies in rows:
        names = [name.zh, name.en, *aliases]
        searched = dict(zip(_SEARCHED, _searched(entity, name.zh, name.en, code, names), strict=True))
        found.append(
            {"entity": entity, "kind": entity.partition(":")[0], "layer": OPEN | WHOLE, "code": code, "more": []}
            | {"name_en": name.en, "place": place, "industry": industry, "status": status, "lies": lies}
            | searched
        )
    return _signed({name: [each.get(name) for each in found] for name in SCHEMA.names})


def _signed(columns: dict[str, Any]) -> pa.Table:
    """Columns as a table of `SCHEMA`, with the signatures of what is searched."""
    for name in ("names", "latin"):
        signed = signatures(pa.chunked_array([pa.array(columns[name], pa.string())]))
        columns |= {f"{name}_{half}": bits for half, bits in zip(HALVES, signed, strict=True)}
    return pa.table({name: columns[name] for name in SCHEMA.names}, schema=SCHEMA)


def _numbered(parts: Sequence[pa.Table]) -> pa.Table:
    """Rows in the order of their names as typed, numbered from 1."""
    table = pa.concat_tables(parts)
    order = pc.sort_indices(table, [("typed", "ascending"), ("entity", "ascending"), ("layer", "ascending")])
    return table.take(order).set_column(0, SCHEMA.field("number"), pa.array(range(1, len(table) + 1), pa.int32()))


def _renewed(stated: Stated) -> pa.Table | None:
    """The states at the newest earlier head that has them, with whatever has been spoken of since made anew; None where
    there is none to start from, or where definitions or merges have changed since."""
    for head, sequence in _earlier(stated.head):
        content = current.ledger().cache.read(head, FILE)
        if content is None:
            continue
        news = stated.observations.filter(stated.observations.sequence > sequence)
        touched = stated.connection.to_pyarrow(news.group_by("entity").agg(merging=(news.variable == "same_as").any()))
        if pc.any(touched.column("merging")).as_py():
            return None
        merged = stated.profile.merged
        wholes = {merged.get(each, each) for each in touched.column("entity").to_pylist()}
        spoken_of = sorted(wholes | {alias for alias, whole in merged.items() if whole in wholes})
        before = _table(content)
        again = [*spoken_of, *(f"industry:{key}" for key in stated.city.industries)]
        again += [place.entity for place in stated.city.places.values()]
        rest = before.filter(pc.invert(pc.is_in(before.column("entity"), value_set=pa.array(again, pa.string()))))
        return _numbered([rest, made(stated, spoken_of)])
    return None


def _earlier(head: str) -> Iterator[tuple[str, int]]:
    """Earlier heads with their sequences, newest first, as far as the definitions are the same."""
    chain = current.ledger().submissions(head)
    for submission, before in zip(reversed(chain[1:][-FURTHEST:]), reversed(chain[:-1][-FURTHEST:]), strict=True):
        if submission.door == "definitions":
            return
        yield before.head, before.sequence


def _table(content: bytes) -> pa.Table:
    return pq.read_table(pa.BufferReader(content))
