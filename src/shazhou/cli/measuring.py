"""Opening a ledger for its figures, with a word where the city folder has moved on since it was loaded.

Figures, tables and reports come from the definitions in the ledger, not from the folder: a head fixes both.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.cli.app import DEFAULT_CITY

if TYPE_CHECKING:
    from shazhou.measure.measure import Measure

OTHER_CITY = Rule(
    "other-city",
    "The ledger holds the definitions of {held}, the folder {found} is another city's.",
    "账本中的定义属于 {held}，而文件夹 {found} 属于另一座城市。",
    "Give the ledger and the city folder that belong together.",
    "请指定相互对应的账本和城市文件夹。",
)
CHANGED = (
    "{folder} has changed since it was loaded; the definitions in the ledger answer. Run shazhou load first.\n"
    "{folder} 在载入之后有改动；此处使用账本中的定义。请先运行 shazhou load。"
)


def measure_of(data: Path, city: Path, as_of: str = "", threads: int | None = None) -> Measure:
    """The figures of a ledger at a moment.

    Raises:
        Refused: the city folder is another city's, or one was named that is none.
    """
    from shazhou.ledger.ledger import Ledger
    from shazhou.measure.measure import Measure

    measure = Measure(Ledger.open(data), as_of or None, threads)
    if city.is_dir() or city != DEFAULT_CITY:
        _compare(measure, city, newest=not as_of)
    return measure


def _compare(measure: Measure, folder: Path, newest: bool) -> None:
    from shazhou.city.folder import read_files, version_of

    files = read_files(folder)
    if version_of(files) == measure.city.version:
        return
    if _id_in(files) != measure.city.id:
        if folder != DEFAULT_CITY:
            values = {"held": f"{measure.city.name.zh} {measure.city.name.en}"}
            raise Refused([Problem(OTHER_CITY, Where(str(folder)), str(folder), values)])
    elif newest:
        typer.echo(CHANGED.format(folder=folder), err=True)


def _id_in(files: dict[str, bytes]) -> str:
    import yaml

    try:
        city = yaml.safe_load(files.get("city.yaml", b"")) or {}
        return str(city.get("id", "")) if isinstance(city, dict) else ""
    except yaml.YAMLError:
        return ""
