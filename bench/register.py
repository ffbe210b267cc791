"""The register of a million enterprises: made from the evidence, searched as one types, a page at a time.

    python bench/register.py [enterprises] [--runs N]

Fills a ledger with enterprises (1,000,000 by default) that a public list names, with credit code, place and industry,
and a return that is not public, which says of a tenth of them that they are closing. Prints how long the table of their
current states takes to make, to bring up to date after one more submission, and to open in a process; then p50 and p95
of searches and pages as a stranger and as an analyst asks for them. Beside it, in the same process and over the same
rows, a plain SQLite FTS5 table (trigrams, ordered by the same numbers; words of fewer than three characters, which
trigrams cannot find, by ``instr``). Both must find the same rows in the same order. The ratio is Shazhou's time by
SQLite's; SQLite knows nothing of who may see what, of first matches first, nor of an earlier head.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from shazhou.city.folder import pack
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.observation import SCHEMA
from shazhou.ledger.submission import Delivery

TOWNS = [f"town{number:02d}" for number in range(12)]
INDUSTRIES = [f"industry{number}" for number in range(8)]
SEATS = ["江苏", "张家港市", "苏州", "张家港保税区", "锦丰镇", "杨舍镇", "塘桥镇", ""]
BRANDS = "沙钢永联海陆润邦华芳国泰康得新美星金陵富瑞澳洋东渡长城乐余银河天沃攀华浦项骏马联峰爱康银基飞鹿盛隆和鑫恒达"
TRADES = [
    "机械",
    "钢铁",
    "纺织",
    "化工",
    "新能源科技",
    "精密铸造",
    "物流",
    "电子",
    "材料",
    "医疗器械",
    "氢能装备",
    "贸易",
]
FORMS = ["有限公司", "股份有限公司", "集团有限公司", "厂"]
PAGE = 50


def named(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def definitions() -> bytes:
    """A city of twelve towns and eight industries, with a public list and a return that is not."""
    variables = {
        name: {"name": named(name), "measure": "attribute", "type": kind, "of": ["enterprise"], "code": code}
        for name, kind, code in (
            ("name", "text", ""),
            ("uscc", "code", "uscc"),
            ("place", "text", "place"),
            ("industry", "text", "industry"),
            ("status", "text", ""),
        )
    }
    city = {"id": "bench", "name": named("bench"), "code": "1", "root": "city", "currency": "cny", "zone": "UTC"}
    city |= {"languages": ["zh", "en"], "presence": {"days": 20}}
    city |= {"release": {"contributors": 3, "largest_share": 0.85}}
    sources = {"list": {"title": "list", "rank": "r"}, "return": {"title": "return", "rank": "r", "public": False}}
    places = "key,name_zh,name_en,kind,parent,code,aliases,latitude,longitude,outline,source,note\n"
    places += "city,city,city,city,,,,,,,,\n" + "".join(f"{p},{p},{p},town,city,,,,,,,\n" for p in TOWNS)
    data = {
        "city.yaml": city,
        "industries.yaml": {key: {"name": named(key)} for key in INDUSTRIES},
        "variables.yaml": variables,
        "indicators.yaml": {},
        "targets.yaml": {},
        "sources.yaml": {"precedence": [{"id": "r", "name": named("r")}], "sources": sources},
    }
    return pack({"places.csv": places.encode(), **{name: json.dumps(each).encode() for name, each in data.items()}})


def rows(entities: Sequence[str], variable: str, texts: Sequence[str], source: str) -> pa.Table:
    """Attributes as a door delivers them."""
    count = len(entities)
    fixed = {"industry": "", "variable": variable, "kind": "actual", "period": "2024", "unit": "text", "qualifier": "="}
    fixed |= {"status": "A", "origin": "", "given": "", "label": "", "source": source, "source_date": ""}
    fixed |= {"source_address": "", "note": "", "sheet": ""}
    columns: dict[str, Any] = {name: pa.repeat(pa.scalar(text), count) for name, text in fixed.items()}
    columns |= {
        "entity": pa.array(entities),
        "text": pa.array(texts),
        "value": pa.nulls(count, SCHEMA.field("value").type),
    }
    columns |= {name: pa.array(np.full(count, day, "datetime64[D]")) for name, day in DAYS.items()}
    columns["row"] = pa.array(np.arange(count, dtype=np.int32))
    return pa.Table.from_arrays([columns[name] for name in SCHEMA.names], schema=SCHEMA)


DAYS = {"start": np.datetime64("2024-01-01"), "end": np.datetime64("2024-12-31")}


def fill(folder: Path, count: int) -> None:
    """A ledger with so many enterprises."""
    chance = random.Random(7)
    ledger = Ledger.create(folder)
    ledger.append(Delivery("d", "bench", "definitions", "d", definitions()), SCHEMA.empty_table())
    entities = [f"enterprise:e{number:07d}" for number in range(count)]
    names = [
        f"{chance.choice(SEATS)}{''.join(chance.choices(BRANDS, k=chance.choice((2, 2, 3))))}{chance.choice(TRADES)}"
        f"{chance.choice(FORMS)}"
        for _ in entities
    ]
    said = {
        "name": names,
        "uscc": [f"91320582MA{number:08d}" for number in range(count)],
        "place": chance.choices(TOWNS, k=count),
        "industry": chance.choices(INDUSTRIES, k=count),
    }
    listed = pa.concat_tables([rows(entities, variable, texts, "list") for variable, texts in said.items()])
    ledger.append(Delivery("list", "bench", "file", "list"), listed)
    closing = entities[:: min(10, count)]
    ledger.append(
        Delivery("return", "bench", "form", "return"), rows(closing, "status", ["closing"] * len(closing), "return")
    )


def timed(what: str, work: Callable[[], Any]) -> Any:
    """Does some work and prints how long it took."""
    begun = time.perf_counter()
    found = work()
    print(f"{what:58} {time.perf_counter() - begun:8.2f} s")
    return found


def spread(asks: Sequence[Callable[[], Any]], runs: int) -> tuple[float, float]:
    """p50 and p95 of some questions, each asked so many times, in milliseconds."""
    times = []
    for _ in range(runs):
        for ask in asks:
            begun = time.perf_counter()
            ask()
            times.append(1000 * (time.perf_counter() - begun))
    times.sort()
    return statistics.median(times), times[min(len(times) - 1, int(0.95 * len(times)))]


def peer(states: pa.Table) -> sqlite3.Connection:
    """The open rows in a plain FTS5 table."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE f USING fts5(names, latin, tokenize='trigram')")
    shown = states.filter(pa.compute.bit_wise_and(states.column("layer"), 1).cast(pa.bool_()))
    shown = shown.filter(pa.compute.equal(shown.column("kind"), "enterprise"))
    texts = zip(*(shown.column(name).to_pylist() for name in ("number", "names", "latin")), strict=True)
    database.executemany("INSERT INTO f(rowid, names, latin) VALUES (?, ?, ?)", texts)
    database.commit()
    return database


def in_sqlite(database: sqlite3.Connection, word: str) -> list[int]:
    """The first page of a search in FTS5."""
    column = "latin" if word.isascii() else "names"
    if len(word) < 3:
        asked, value = f"SELECT rowid FROM f WHERE instr({column}, ?) ORDER BY rowid LIMIT {PAGE}", word
    else:
        asked, value = f"SELECT rowid FROM f WHERE f MATCH ? ORDER BY rowid LIMIT {PAGE}", f'{column}:"{word}"'
    return [row[0] for row in database.execute(asked, [value])]


def words(states: pa.Table, count: int = 12) -> dict[str, list[str]]:
    """What people type, by what it is."""
    chance = random.Random(3)
    picked = [states.slice(chance.randrange(len(states)), 1).to_pylist()[0] for _ in range(count)]
    picked = [row for row in picked if row["kind"] == "enterprise"]
    return {
        "two characters": [row["name"][3:5] for row in picked],
        "four characters": [row["name"][2:6] for row in picked],
        "pinyin": [row["typed"][4:14] for row in picked],
        "first letters": [row["initials"][1:6] for row in picked],
        "credit code": [row["code"] for row in picked],
        "nothing like it": ["龘龘龘", "zzqzzq"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("enterprises", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SHAZHOU_DATA"] = str(Path(folder) / "ledger")
        fill(Path(folder) / "ledger", asked.enterprises)
        from shazhou.console.serve import start_django

        start_django()
        measured(asked.runs)


def measured(runs: int) -> None:
    """Prints the times."""
    from shazhou.console.evidence import current, states
    from shazhou.console.evidence.register import Question, Register
    from shazhou.console.evidence.stated import with_stated
    from shazhou.console.evidence.visible import Sight

    ledger = current.ledger()
    timed("profile of the evidence, once for each head", lambda: with_stated(None, lambda stated: stated.profile))
    table = timed("current states made from the whole evidence", lambda: with_stated(None, states.kept))
    print(f"{len(table):,} rows, {table.nbytes / 1e6:.0f} MB")
    some = [f"enterprise:e{number:07d}" for number in range(100)]
    ledger.append(Delivery("s", "bench", "form", "s"), rows(some, "status", ["open"] * len(some), "list"))
    timed("profile of the next head", lambda: with_stated(None, lambda stated: stated.profile))
    table = timed("current states brought up to date after a submission", lambda: with_stated(None, states.kept))
    timed("current states read from the cache", lambda: with_stated(None, states.kept))
    register = timed("register opened", lambda: Register(table))
    database = timed("SQLite FTS5 table over the same rows", lambda: peer(table))

    stranger, analyst = Sight(), Sight(everywhere=True)
    same = True
    print(f"\n{'p50 / p95 in ms':28} {'Shazhou':>16} {'SQLite FTS5':>16} {'ratio':>7} {'analyst':>16}")
    for kind, typed in words(table).items():
        for word in typed:
            found = register.page(Question("enterprise", word, sort="name"), stranger, size=PAGE)
            same = same and [row.number for row in found.rows] == in_sqlite(database, word)
        ours = spread([lambda w=w: register.page(Question("enterprise", w), stranger) for w in typed], runs)  # type: ignore[misc]
        seen = spread([lambda w=w: register.page(Question("enterprise", w), analyst) for w in typed], runs)  # type: ignore[misc]
        theirs = spread([lambda w=w: in_sqlite(database, w) for w in typed], runs)  # type: ignore[misc]
        line = f"{kind:28} {ours[0]:7.1f} /{ours[1]:7.1f} {theirs[0]:7.1f} /{theirs[1]:7.1f} {ours[0] / theirs[0]:7.2f}"
        print(f"{line} {seen[0]:7.1f} /{seen[1]:7.1f}")
    pages(register, {"stranger": stranger, "analyst": analyst, "town": Sight(places=frozenset({"town03"}))}, runs)
    print(f"\nthe same rows in the same order: {same}")


def pages(register: Any, sights: dict[str, Any], runs: int) -> None:
    """Prints the times of pages: the first, one far behind, one of a place, sorted by another column, and counting."""
    from shazhou.console.evidence.register import Mark, Question

    plain = Question("enterprise")
    town = Question("enterprise", places=frozenset({"town05"}), industries=frozenset({"industry3"}))
    states = sum(register.kinds(sights["analyst"]).values())
    asks: dict[str, Callable[[Any], Any]] = {
        "first page": lambda sight: register.page(plain, sight),
        "a page far behind": lambda sight: register.page(plain, sight, Mark("", 9 * states // 10)),
        "a place and an industry": lambda sight: register.page(town, sight),
        "sorted by place": lambda sight: register.page(Question("enterprise", sort="place"), sight, Mark("town07", 5)),
        "counted": lambda sight: register.count(town, sight),
        "one entity": lambda sight: register.entities(["enterprise:e0000042"], sight),
    }
    print(f"\n{'p50 / p95 in ms':28}" + "".join(f"{name:>18}" for name in sights))
    for what, ask in asks.items():
        found = [spread([lambda sight=sight, ask=ask: ask(sight)], 4 * runs) for sight in sights.values()]  # type: ignore[misc]
        print(f"{what:28}" + "".join(f"{p50:9.1f} /{p95:7.1f}" for p50, p95 in found))


if __name__ == "__main__":
    main()
