"""A small city with a public list of enterprises and a return that is not public, for tests of who sees what."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from shazhou.city.folder import pack
from shazhou.city.period import Period
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.observation import SCHEMA
from shazhou.ledger.submission import Delivery

LIST, RETURN = "公开名单", "企业报表"
ATTRIBUTES = ("name", "name_en", "place", "industry", "status", "same_as", "uscc", "project_enterprise")
NUMBERS = ("output", "staff")


def named(zh: str, en: str = "") -> dict[str, str]:
    return {"zh": zh, "en": en or zh}


def city_files() -> dict[str, bytes]:
    """Files of the city."""
    kinds = ["enterprise", "project"]
    variables: dict[str, Any] = {
        name: {"name": named(name), "measure": "attribute", "type": "text", "of": kinds} for name in ATTRIBUTES
    }
    variables["uscc"] |= {"type": "code", "code": "uscc"}
    variables |= {
        name: {"name": named(name), "measure": "flow", "unit": "10k_cny", "of": ["enterprise"]} for name in NUMBERS
    }
    variables["gdp"] = {"name": named("地区生产总值", "GDP"), "measure": "flow", "unit": "100m_cny"}
    city = {"id": "small", "name": named("小城", "Small"), "code": "1", "root": "city", "currency": "cny"}
    city |= {"zone": "Asia/Shanghai", "languages": ["zh", "en"], "presence": {"days": 20}}
    city |= {"release": {"contributors": 3, "largest_share": 0.85}}
    places = "key,name_zh,name_en,kind,parent,code,aliases,latitude,longitude,outline,source,note\n"
    places += "city,小城,Small,city,,1,,,,,,\neast,东镇,East,town,city,,,,,,,\nwest,西镇,West,town,city,,,,,,,\n"
    sources = {
        "list": {"title": LIST, "rank": "r"},
        "return": {"title": RETURN, "rank": "r", "public": False},
    }
    data = {
        "city.yaml": city,
        "industries.yaml": {"steel": {"name": named("冶金", "Steel")}},
        "variables.yaml": variables,
        "indicators.yaml": {
            "gdp": {"name": named("地区生产总值", "GDP"), "formula": "value(gdp)", "unit": "100m_cny", "decimals": 1},
            "output": {"name": named("产值", "Output"), "formula": "sum(output)", "unit": "10k_cny", "decimals": 0},
        },
        "targets.yaml": {},
        "sources.yaml": {"precedence": [{"id": "r", "name": named("r")}], "sources": sources},
    }
    encoded = {name: json.dumps(each, ensure_ascii=False).encode() for name, each in data.items()}
    return encoded | {"places.csv": places.encode()}


def observations(rows: Sequence[tuple[str, str, str, Any]], source: str) -> pa.Table:
    """Rows (entity, variable, period, what it says), all of one source."""
    plain: dict[str, Any] = dict.fromkeys(SCHEMA.names, "")
    plain |= {"kind": "actual", "unit": "text", "qualifier": "=", "status": "A", "source": source}
    found = []
    for number, (entity, variable, period, said) in enumerate(rows, 2):
        when = Period.parse(period)
        value = Decimal(said) if isinstance(said, int) else None
        text = said if isinstance(said, str) else None
        about = {"entity": entity, "variable": variable, "period": period, "start": when.start, "end": when.end}
        found.append({**plain, **about, "value": value, "text": text, "row": number})
    return pa.Table.from_pylist(found, schema=SCHEMA)


def deliver(ledger: Ledger, id: str, rows: Sequence[tuple[str, str, str, Any]], source: str) -> None:
    """One submission."""
    ledger.append(Delivery(id, "tester", "file", id, id.encode(), f"{id}.csv"), observations(rows, source))


def small_ledger(folder: Path) -> Ledger:
    """Alpha is in the list, and in a return that moves it and tells of its output; Beta only in the return; Gamma only
    in the list; Delta is Gamma under another name."""
    ledger = Ledger.create(folder)
    ledger.append(Delivery("d", "tester", "definitions", "d", pack(city_files())), SCHEMA.empty_table())
    alpha, beta, gamma, delta = (f"enterprise:{name}" for name in ("alpha", "beta", "gamma", "delta"))
    listed = [
        (alpha, "name", "2020", "甲钢厂"),
        (alpha, "name_en", "2020", "Alpha Steel"),
        (alpha, "place", "2020", "east"),
        (alpha, "industry", "2020", "steel"),
        (alpha, "status", "2020", "open"),
        (alpha, "status", "2022", "=HYPERLINK(1)"),
        (gamma, "name", "2020", "丙纺织厂"),
        (gamma, "place", "2020", "west"),
        (delta, "name", "2021", "丁织造厂"),
        (delta, "same_as", "2021", gamma),
        ("project:p", "name", "2021", "轧机改造"),
        ("project:p", "project_enterprise", "2021", "甲钢厂 (Alpha)"),
        ("place:city", "gdp", "2021", 500_000_000),
    ]
    returned = [
        (alpha, "place", "2023", "west"),
        (alpha, "output", "2022", 70_000),
        (alpha, "output", "2023", 120_000),
        (beta, "name", "2023", "乙秘密厂"),
        (beta, "place", "2023", "east"),
        (beta, "output", "2023", 10_000),
    ]
    deliver(ledger, "list", listed, LIST)
    deliver(ledger, "return", returned, RETURN)
    return ledger
