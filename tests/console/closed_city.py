"""A small city whose enterprises report to a source that is not public: enough in most towns, a single one in one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from disclosure_city import MONTHS, TOWNS, city, row

from shazhou.console.evidence import current
from shazhou.ledger.ledger import Ledger

LONE = "lone"
LATE = "late"


def first_delivery() -> list[dict[str, Any]]:
    """Five firms in each town and industry, and one that is alone in its industry."""
    rows: list[dict[str, Any]] = []
    for number, (town, industry) in enumerate((town, industry) for town in TOWNS for industry in ("steel", "textile")):
        for place in range(5):
            rows += firm(f"{town}-{industry}-{place}", town, industry, 100_000 + 10_000 * place + 1_000 * number)
    return rows + firm(LONE, TOWNS[0], "metal", 123_457)


def firm(name: str, town: str, industry: str, size: int) -> list[dict[str, Any]]:
    """The attributes of a firm, which everybody may know, and its returns."""
    known = [row(name, "place", "2020", town, "office"), row(name, "industry", "2020", industry, "office")]
    returns = [row(name, "output", month, size + 13 * number) for number, month in enumerate(MONTHS)]
    return known + returns + [row(name, "staff", month, size // 1000) for month in MONTHS]


def closed_ledger(folder: Path) -> tuple[Ledger, list[str]]:
    """The ledger with the first delivery, and a second in which one more firm has reported."""
    late = firm(LATE, TOWNS[1], "steel", 111_111)
    return city(folder, first_delivery(), late, only=("output", "biggest"))


@contextmanager
def looking_at(folder: Path, settings: Any) -> Iterator[None]:
    """The site looks at another ledger for a while."""
    settings.DEPLOYMENT = replace(settings.DEPLOYMENT, data=folder)
    current.ledger.cache_clear()
    try:
        yield
    finally:
        current.ledger.cache_clear()
