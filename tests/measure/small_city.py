"""A small city and ledgers over it, for tests: definitions as files, observations as plain dicts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from shazhou.city.folder import pack
from shazhou.city.period import Period
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.observation import SCHEMA
from shazhou.ledger.submission import Delivery

PLACES = {"city": "", "north": "city", "south": "city", "east": "south", "west": "south"}
INDUSTRIES = {"metal": "", "steel": "metal", "textile": ""}
NUMBER = {"of": ["enterprise"], "unit": "cny", "type": "number"}
TEXT = {"of": ["enterprise"], "measure": "attribute", "type": "text"}
VARIABLES: dict[str, dict[str, Any]] = {
    "gdp": {"of": ["place", "industry"], "unit": "cny", "type": "number", "measure": "flow"},
    "output": {**NUMBER, "measure": "flow"},
    "staff": {**NUMBER, "measure": "stock", "unit": "persons"},
    "margin": {**NUMBER, "measure": "rate", "unit": "percent"},
    "capital": {**NUMBER, "measure": "attribute"},
    "place": TEXT,
    "industry": TEXT,
    "size": TEXT,
    "same_as": TEXT,
    "industry_code": {**TEXT, "type": "code", "code": "gbt4754"},
}
SOURCES = {"office": "strong", "bureau": "strong", "press": "weak"}


def named(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def city_files(indicators: Mapping[str, tuple[str, str, int]]) -> dict[str, bytes]:
    """Files of a city with these indicators: id → (formula, unit, decimals)."""
    rows = [f"{key},{key},{key},town,{parent},,,,,,," for key, parent in PLACES.items()]
    columns = "key,name_zh,name_en,kind,parent,code,aliases,latitude,longitude,outline,source,note"
    city = {
        "id": "test",
        "name": named("试验市"),
        "code": "1",
        "root": "city",
        "currency": "cny",
        "languages": ["zh", "en"],
        "zone": "UTC",
        "presence": {"days": 20},
        "release": {"contributors": 3, "largest_share": 0.85},
    }
    files: dict[str, object] = {
        "city.yaml": city,
        "industries.yaml": {
            key: {"name": named(key), "part_of": parent, "codes": ["31"] if key == "steel" else []}
            for key, parent in INDUSTRIES.items()
        },
        "variables.yaml": {key: {"name": named(key), **fields} for key, fields in VARIABLES.items()},
        "indicators.yaml": {
            key: {"name": named(key), "formula": formula, "unit": unit, "decimals": decimals}
            for key, (formula, unit, decimals) in indicators.items()
        },
        "targets.yaml": {},
        "sources.yaml": {
            "precedence": [{"id": "strong", "name": named("strong")}, {"id": "weak", "name": named("weak")}],
            "sources": {key: {"title": key, "rank": rank} for key, rank in SOURCES.items()},
        },
    }
    encoded = {name: json.dumps(data).encode() for name, data in files.items()}
    encoded["places.csv"] = "\n".join([columns, *rows]).encode()
    encoded["classification.csv"] = b"code,name\n31,steel\n311,iron\n17,textile\n"
    return encoded


def observations(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows as a table of observations; what is not given has its plain value."""
    plain: dict[str, Any] = dict.fromkeys(SCHEMA.names, "")
    plain |= {"kind": "actual", "value": None, "text": None, "unit": "cny", "qualifier": "=", "status": "A"}
    plain |= {"source": "office", "row": 0}
    found = []
    for row in rows:
        period = Period.parse(row["period"])
        value = row.get("value")
        exact = None if value is None else Decimal(str(value))
        found.append({**plain, **row, "value": exact, "start": period.start, "end": period.end})
    return pa.Table.from_pylist(found, schema=SCHEMA)


def ledger_of(
    folder: Path, indicators: Mapping[str, tuple[str, str, int]], *submissions: Sequence[Mapping[str, Any]]
) -> Ledger:
    """A ledger with the city's definitions and these submissions, one after the other."""
    ledger = Ledger.create(folder)
    archive = pack(city_files(indicators))
    ledger.append(Delivery("definitions", "test", "definitions", "definitions", archive), SCHEMA.empty_table())
    for number, rows in enumerate(submissions):
        ledger.append(Delivery(f"s{number}", "test", "file", f"submission {number}"), observations(rows))
    return ledger
