"""The city that ships with the source with a register of enterprises that promised to connect."""

from __future__ import annotations

import base64
import shutil
import tempfile
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shazhou.city.folder import read_city
from shazhou.city.model import City
from shazhou.intake.load import load_file
from shazhou.ledger.ledger import Ledger

CITY = Path(__file__).parents[2] / "cities" / "zhangjiagang"
HEADER = "name_zh,name_en,town,industry,registered,promised,working_hours,key,note"


@cache
def zhangjiagang() -> City:
    """The definitions of cities/zhangjiagang."""
    return read_city(CITY)


def new_key() -> str:
    """A public key that nobody else has, in base64."""
    return base64.b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()


def register(folder: Path, *rows: str, simulated: bool = False) -> Ledger:
    """A ledger in a folder with a list of promised enterprises loaded through the mapping; beside other lists where
    there is a ledger already."""
    if not (folder / "ledger").is_dir():
        return Ledger.open(shutil.copytree(Path(_listed(rows, simulated).name) / "ledger", folder / "ledger"))
    ledger = Ledger.open(folder / "ledger")
    _load(ledger, folder, rows, simulated)
    return ledger


@cache
def _listed(rows: tuple[str, ...], simulated: bool) -> tempfile.TemporaryDirectory[str]:
    """A folder with a ledger that holds a list alone, to be copied; it goes with this process."""
    folder = tempfile.TemporaryDirectory()
    _load(Ledger.create(Path(folder.name) / "ledger"), Path(folder.name), rows, simulated)
    return folder


def _load(ledger: Ledger, folder: Path, rows: tuple[str, ...], simulated: bool) -> None:
    listed = folder / f"joining-{len(ledger.submissions())}.csv"
    listed.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    load_file(ledger, zhangjiagang(), listed, "joining", "joining", "bureau", "simulated" if simulated else "")
