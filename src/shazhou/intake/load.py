"""Loading: the city's definitions, one document, or all the evidence that comes with a city folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from shazhou.city.folder import pack
from shazhou.city.model import City
from shazhou.city.problem import Problem
from shazhou.intake.door import Prepared, content_of, delivery_of, understood
from shazhou.intake.entity import Names
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.observation import SCHEMA
from shazhou.ledger.submission import Delivery, Submission

Progress = Callable[[str], None]
"""Called with the name of the document that is next."""

Warn = Callable[[Problem], None]
"""Called with each warning of a document that was loaded: nothing is wrong, but its deliverer should know of it."""


def _silent(warning: Problem) -> None:
    """Takes a warning and says nothing."""


def load_definitions(ledger: Ledger, city: City, deliverer: str) -> Submission | None:
    """Submits the city folder where it is not the newest that the ledger holds; None where it is."""
    archive = pack(city.files)
    if ledger.definitions() == archive:
        return None
    earlier = sum(each.door == "definitions" for each in ledger.submissions())
    delivery = Delivery(
        id=f"definitions:{city.version[:32]}:{earlier + 1}",
        deliverer=deliverer,
        door="definitions",
        title=f"{city.name.zh} {city.name.en}",
        document=archive,
        document_name=f"{city.id}.zip",
    )
    return ledger.append(delivery, SCHEMA.empty_table())


def load_file(
    ledger: Ledger,
    city: City,
    file: Path,
    mapping: str,
    source: str = "",
    deliverer: str = "",
    origin: str = "",
    warn: Warn = _silent,
) -> Submission:
    """Loads one document, whole or not at all; loading it again is the same submission. Definitions that are not the
    newest are submitted with it.

    Raises:
        Refused: the document has problems; nothing was changed.
    """
    delivery = delivery_of(city, file.name, content_of(file), mapping, source, deliverer, origin)
    loaded = _loaded(ledger, delivery)
    if loaded is not None:
        load_definitions(ledger, city, deliverer)
        return loaded
    prepared = understood(city, Names.of(city, ledger), delivery, origin)
    load_definitions(ledger, city, deliverer)
    submission = ledger.append(delivery, prepared.batches())
    _tell(prepared, warn)
    return submission


def load_evidence(
    ledger: Ledger,
    city: City,
    folder: Path,
    deliverer: str = "",
    progress: Progress = lambda name: None,
    warn: Warn = _silent,
) -> list[Submission]:
    """Loads the definitions and then every document that city.yaml lists, in its order.

    Raises:
        Refused: a document has problems; those before it are loaded.
    """
    definitions = load_definitions(ledger, city, deliverer)
    found = [definitions] if definitions else []
    names = Names.of(city, ledger)
    for evidence in city.evidence:
        progress(evidence.file)
        file = folder / "evidence" / evidence.file
        delivery = delivery_of(city, file.name, content_of(file), evidence.mapping, evidence.source, deliverer)
        loaded = _loaded(ledger, delivery)
        if loaded is None:
            prepared = understood(city, names, delivery)
            loaded = ledger.append(delivery, prepared.batches())
            names.learn(prepared.stated)
            _tell(prepared, warn)
        found.append(loaded)
    return found


def _tell(prepared: Prepared, warn: Warn) -> None:
    for warning in prepared.warnings:
        warn(warning)


def _loaded(ledger: Ledger, delivery: Delivery) -> Submission | None:
    return next((each for each in ledger.submissions() if each.id == delivery.id), None)
