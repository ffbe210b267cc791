"""A small city that collects a yearly return of its enterprises, and its ledger, for tests of the desk."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from small_city import city_files, named, observations

from shazhou.city.folder import pack, parse_city, unpack
from shazhou.intake.return_submission import open_round
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.observation import SCHEMA
from shazhou.ledger.submission import Delivery

NOW = datetime(2024, 2, 1, 4, tzinfo=UTC)
"""The return of 2023 is open, in time and not locked."""

LATER = datetime(2024, 6, 1, 4, tzinfo=UTC)
"""It is locked."""

FIRMS = {f"e{number}": "north" if number % 2 else "south" for number in range(1, 9)}
"""Enterprises with their places; of `e9` no place is known."""

OUTPUT = {"e1": 100, "e2": 120, "e3": 90, "e4": 110, "e5": 130, "e6": 105, "e7": 95, "e8": 115}


def collections(**changes: Any) -> dict[str, Any]:
    """The city's collection."""
    yearly = {
        "name": {"zh": "企业年报", "en": "Yearly return"},
        "of": "enterprise",
        "variables": ["output", "rd", "staff", "size"],
        "required": ["output"],
        "frequency": "A",
        "deadline": 90,
        "lock": 30,
        "first": "2022",
        "steps": ["town", "bureau"],
        "source": "firms",
        "accounts": {"due": "is_due", "received": "is_received", "in_time": "is_in_time", "source": "register"},
        "rules": [
            {
                "id": "rd_within_output",
                "check": "value(rd) <= value(output)",
                "severity": "error",
                "why": {"zh": "研发投入不超过产值。", "en": "R&D is a part of output."},
                "advice": {"zh": "请核对单位。", "en": "Compare the units."},
            },
            {
                "id": "half_for_rd",
                "check": "2 * value(rd) <= value(output)",
                "severity": "warning",
                "why": {"zh": "研发投入过半较为少见。", "en": "R&D is seldom half of output."},
                "advice": {"zh": "请在备注说明。", "en": "Say why in the note."},
            },
        ],
    }
    return {"yearly": yearly | changes}


def files(**changes: Any) -> dict[str, bytes]:
    """The definitions of the city."""
    found = city_files({"output_of_all": ("sum(output)", "cny", 0)})
    variables = json.loads(found["variables.yaml"])
    number = {"name": named("n"), "of": ["enterprise"], "type": "number", "public": False}
    variables["output"] |= {"unit": "10k_cny", "minimum": 0, "name": {"zh": "产值", "en": "Output"}, "public": False}
    variables["rd"] = {**number, "measure": "flow", "unit": "10k_cny", "name": {"zh": "研发投入", "en": "R&D"}}
    variables["size"] |= {"values": ["large", "small"], "called": {"large": {"zh": "大型", "en": "a large one"}}}
    text = {"of": ["enterprise"], "measure": "attribute", "type": "text"}
    variables |= {each: {**text, "name": named(each)} for each in ("name", "name_en", "alias")}
    flag = {**number, "measure": "stock", "unit": "count", "type": "integer"}
    variables |= {name: {**flag, "name": named(name)} for name in ("is_due", "is_received", "is_in_time")}
    sources = json.loads(found["sources.yaml"])
    sources["sources"]["firms"] = {"title": "firms", "rank": "strong", "public": False}
    sources["sources"]["register"] = {"title": "register", "rank": "strong"}
    found["variables.yaml"] = json.dumps(variables).encode()
    found["sources.yaml"] = json.dumps(sources).encode()
    found["collections.yaml"] = json.dumps(collections(**changes)).encode()
    return found


def desk_ledger(folder: Path, **changes: Any) -> Ledger:
    """A ledger with the definitions, the enterprises, and what is known of them up to 2023."""
    ledger = Ledger.create(folder)
    archive = pack(files(**changes))
    ledger.append(Delivery("definitions", "test", "definitions", "definitions", archive), SCHEMA.empty_table())
    rows: list[dict[str, Any]] = []
    for key, place in FIRMS.items():
        of = {"entity": f"enterprise:{key}", "period": "2015"}
        rows += [{**of, "variable": "place", "text": place}, {**of, "variable": "name", "text": f"Firm {key}"}]
        for year in range(2017, 2023):
            value = (OUTPUT[key] + year - 2017) * 10_000
            rows.append({"entity": f"enterprise:{key}", "variable": "output", "period": str(year), "value": value})
        if key not in ("e1", "e2"):
            rows.append(
                {"entity": f"enterprise:{key}", "variable": "output", "period": "2023", "value": OUTPUT[key] * 10_000}
            )
    rows.append({"entity": "enterprise:e9", "variable": "name", "period": "2015", "text": "Firm e9"})
    rows.append({"entity": "enterprise:old", "variable": "same_as", "period": "2015", "text": "enterprise:e1"})
    staff = {"entity": "enterprise:e1", "variable": "staff", "period": "2023", "value": 42, "unit": "persons"}
    rows.append({**staff, "source_address": "https://example.org/staff"})
    for number, row in enumerate(rows, 2):
        row["row"] = number
    ledger.append(Delivery("known", "test", "file", "what is known", b"a document", "known.csv"), observations(rows))
    city = parse_city(unpack(archive))
    asked = [f"enterprise:{key}" for key in (*FIRMS, "e9")]
    open_round(ledger, city, city.collections["yearly"], "2023", asked, "test")
    return ledger
