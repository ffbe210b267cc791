"""Random small cities whose enterprises report to a source that is not public, and what releases publish of them."""

from __future__ import annotations

import json
from collections.abc import Collection
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from small_city import PLACES, city_files, observations

from shazhou.city.folder import pack
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.observation import SCHEMA
from shazhou.ledger.submission import Delivery
from shazhou.measure.disclosure import Clearance, Earlier, clearance
from shazhou.measure.measure import Measure

INDICATORS = {
    "output": ("sum(output)", "cny", 2),
    "staff": ("sum(staff)", "persons", 0),
    "large_output": ('sum(output, where=size == "large")', "cny", 2),
    "productivity": ("sum(output) / sum(staff)", "cny", 2),
    "large": ("count(staff >= 300)", "count", 0),
    "biggest": ("max(output)", "cny", 2),
}
MONTHS = ("2021-01", "2021-02", "2021-03")
TOWNS = tuple(sorted(key for key in PLACES if key not in PLACES.values()))
INDUSTRIES = ("steel", "textile", "metal")


def files(contributors: int = 3, share: float = 0.85, only: Collection[str] = INDICATORS) -> dict[str, bytes]:
    """The small city with a source of closed returns; ``only`` some of the indicators."""
    found = city_files({name: INDICATORS[name] for name in only})
    sources = json.loads(found["sources.yaml"])
    sources["sources"]["returns"] = {"title": "returns", "rank": "strong", "public": False}
    city = json.loads(found["city.yaml"])
    city["release"] = {"contributors": contributors, "largest_share": share}
    return found | {"sources.yaml": json.dumps(sources).encode(), "city.yaml": json.dumps(city).encode()}


def city(folder: Path, *deliveries: list[dict[str, Any]], **rule: Any) -> tuple[Ledger, list[str]]:
    """A ledger with the definitions and these deliveries, and the head after each."""
    ledger = Ledger.create(folder)
    archive = pack(files(**rule))
    ledger.append(Delivery("definitions", "test", "definitions", "definitions", archive), SCHEMA.empty_table())
    heads = []
    for number, rows in enumerate(deliveries):
        ledger.append(Delivery(f"s{number}", "test", "file", f"returns {number}"), observations(rows))
        heads.append(ledger.head())
    return ledger, heads


def row(firm: str, variable: str, period: str, value: Any, source: str = "returns") -> dict[str, Any]:
    """A statement about a firm; texts become texts."""
    content = {"text": value} if isinstance(value, str) else {"value": Decimal(value)}
    return {"entity": f"enterprise:{firm}", "variable": variable, "period": period, "source": source, **content}


def released(ledger: Ledger, heads: list[str]) -> list[Clearance]:
    """The releases of several heads, one after the other."""
    found: list[Clearance] = []
    for head in heads:
        earlier = [Earlier(each.head, each.cleared) for each in found]
        found.append(clearance(Measure(ledger, head, 1), earlier))
    return found


def random_deliveries(seed: int) -> list[list[dict[str, Any]]]:
    """Attributes and monthly returns; then two rounds in which some report late, correct themselves or move."""
    random = Random(seed)
    firms = [f"f{number}" for number in range(random.randint(6, 14))]
    first: list[dict[str, Any]] = []
    for firm in firms:
        first.append(row(firm, "place", "2020", random.choice([*TOWNS, *TOWNS, "city"]), "office"))
        first.append(row(firm, "industry", "2020", random.choice(INDUSTRIES), "office"))
        first.append(row(firm, "size", "2020", random.choice(["large", "small"]), "office"))
        first += _returns(random, firm, 0.85)
    later = []
    for _ in range(2):
        changed: list[dict[str, Any]] = []
        for firm in firms:
            if random.random() < 0.25:
                changed += _returns(random, firm, 0.5)
            if random.random() < 0.05:
                changed.append(row(firm, "place", "2020", random.choice(TOWNS), "office"))
        later.append(changed or _returns(random, firms[0], 1))
    return [first, *later]


def _returns(random: Random, firm: str, share: float) -> list[dict[str, Any]]:
    size = random.lognormvariate(12, 1.3)
    found = [
        row(firm, "output", month, round(size * random.uniform(0.6, 1.4)) + 1)
        for month in MONTHS
        if random.random() < share
    ]
    return found + [
        row(firm, "staff", month, int(size / 1000) + random.randint(1, 9))
        for month in MONTHS
        if random.random() < share
    ]
