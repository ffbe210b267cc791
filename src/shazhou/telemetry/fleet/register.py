"""A fleet as an enterprise register knows it: spread over a city's towns and leading industries, each with its key."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
from collections.abc import Iterable
from datetime import date

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shazhou.city.model import City
from shazhou.telemetry.fleet.factory import Factory, made

COLUMNS = ("name_zh", "name_en", "town", "industry", "promised", "registered", "working_hours", "key", "note")
"""Columns of the document that the mapping ``joining`` of a city folder reads."""

NOTE = "模拟数据 simulated"


def fleet(city: City, number: int, seed: int) -> list[Factory]:
    """Factories 1 to ``number`` in the towns right below the city and in its leading industries."""
    towns = sorted(key for key, place in city.places.items() if place.parent == city.root) or [city.root]
    leading = sorted(key for key, industry in city.industries.items() if industry.group)
    return [made(each, seed, towns, leading or [""]) for each in range(1, number + 1)]


def private_key(factory: Factory, seed: int) -> Ed25519PrivateKey:
    """The key that a simulated factory signs with: anyone can make it again from the seed, so it proves nothing."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"{seed}/{factory.key}/key".encode()).digest())


def joining(factories: Iterable[Factory], seed: int, promised: date, registered: date) -> str:
    """The CSV document that puts the factories into the register as joining, to be loaded as simulated."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for factory in factories:
        writer.writerow(
            {
                "name_zh": factory.name["zh"],
                "name_en": factory.name["en"],
                "town": factory.town,
                "industry": factory.industry,
                "promised": promised.isoformat(),
                "registered": registered.isoformat(),
                "working_hours": "; ".join(factory.shifts),
                "key": base64.b64encode(private_key(factory, seed).public_key().public_bytes_raw()).decode(),
                "note": NOTE,
            }
        )
    return out.getvalue()
