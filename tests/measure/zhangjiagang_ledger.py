"""The ledger of Zhangjiagang, filled with the city's own evidence through the ordinary door."""

from __future__ import annotations

from pathlib import Path

from shazhou.city.folder import read_city
from shazhou.intake.load import load_evidence
from shazhou.ledger.ledger import Ledger

FOLDER = Path(__file__).parents[2] / "cities" / "zhangjiagang"


def filled(folder: Path) -> Ledger:
    """A new ledger in ``folder`` with the city's definitions and all its evidence."""
    ledger = Ledger.create(folder)
    load_evidence(ledger, read_city(FOLDER), FOLDER, "test")
    return ledger
