"""Loading: the city's definitions, one document, or all the evidence that comes with a city folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import yaml

from shazhou.city.folder import pack, unpack
from shazhou.city.model import City
from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.intake.changed import refuse_changed
from shazhou.intake.door import Prepared, content_of, delivery_of, understood
from shazhou.intake.entity import Names
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.observation import SCHEMA
from shazhou.ledger.submission import Delivery, Submission
from shazhou.ledger.withdraw import withdrawn

OTHER_CITY = Rule(
    "ledger-of-another-city",
    "The ledger is that of the city {held}; the folder is that of {found}.",
    "账本属于城市 {held}，而文件夹属于 {found}。",
    "Give each city a ledger of its own: shazhou init --data FOLDER, or --city for the city of this ledger.",
    "请为每座城市单独建立账本：shazhou init --data 文件夹；或用 --city 指定本账本的城市。",
)
STAYS_WITHDRAWN = Rule(
    "document-withdrawn",
    "{found} has been withdrawn since it was loaded, and stays so: {title}.",
    "{found} 载入后已被撤回，仍保持撤回状态：{title}。",
    "To state it again, load this file by itself: shazhou load FILE --mapping {mapping}.",
    "如需重新报送，请单独载入该文件：shazhou load 文件 --mapping {mapping}。",
)

Progress = Callable[[str], None]
"""Called with the name of the document that is next."""

Warn = Callable[[Problem], None]
"""Called with each warning of a document that was loaded: nothing is wrong, but its deliverer should know of it."""


def _silent(warning: Problem) -> None:
    """Takes a warning and says nothing."""


def load_definitions(ledger: Ledger, city: City, deliverer: str) -> Submission | None:
    """Submits the city folder where it is not the newest that the ledger holds; None where it is.

    Raises:
        Refused: the ledger is another city's.
    """
    archive = pack(city.files)
    if ledger.definitions() == archive:
        return None
    refuse_other_city(ledger, city)
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


def refuse_other_city(ledger: Ledger, city: City) -> None:
    """Raises Refused where the ledger holds the definitions of another city: one ledger is one city's."""
    archive = ledger.definitions()
    if archive is None:
        return
    held = str(yaml.safe_load(unpack(archive)["city.yaml"])["id"])
    if held != city.id:
        raise Refused([Problem(OTHER_CITY, Where("city.yaml"), city.id, {"held": held})])


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
    """Loads one document, whole or not at all. Definitions that are not the newest are submitted with it.

    Loading it again is the same submission, unless that was withdrawn since, wholly or partly: then it is stated again.

    Raises:
        Refused: the document has problems, or the ledger is another city's; nothing was changed.
    """
    refuse_other_city(ledger, city)
    delivery = delivery_of(city, file.name, content_of(file), mapping, source, deliverer, origin)
    loaded = _loaded(ledger, delivery)
    if loaded and withdrawn(loaded[-1], ledger.submissions()) is None:
        load_definitions(ledger, city, deliverer)
        return loaded[-1]
    if loaded:
        delivery = replace(delivery, id=f"{delivery.id}:{len(loaded) + 1}")
    prepared = understood(city, Names.of(city, ledger), delivery, origin)
    if mapping == "template":
        refuse_changed(city, ledger, prepared)
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

    A document that was withdrawn since stays so, with a warning: what somebody took away does not come back with the
    rest.

    Raises:
        Refused: a document has problems; those before it are loaded. Or the ledger is another city's.
    """
    definitions = load_definitions(ledger, city, deliverer)
    found = [definitions] if definitions else []
    names = Names.of(city, ledger)
    for evidence in city.evidence:
        progress(evidence.file)
        file = folder / "evidence" / evidence.file
        delivery = delivery_of(city, file.name, content_of(file), evidence.mapping, evidence.source, deliverer)
        loaded = _loaded(ledger, delivery)
        taken = withdrawn(loaded[-1], ledger.submissions()) if loaded else None
        if taken is not None:
            values = {"title": taken.title, "mapping": evidence.mapping}
            warn(Problem(STAYS_WITHDRAWN, Where(file.name), file.name, values))
        elif loaded:
            found.append(loaded[-1])
        else:
            prepared = understood(city, names, delivery)
            found.append(ledger.append(delivery, prepared.batches()))
            names.learn(prepared.stated)
            _tell(prepared, warn)
    return found


def _tell(prepared: Prepared, warn: Warn) -> None:
    for warning in prepared.warnings:
        warn(warning)


def _loaded(ledger: Ledger, delivery: Delivery) -> list[Submission]:
    """The submissions of a delivery: the first, and those that stated it again after a withdrawal."""
    return [each for each in ledger.submissions() if f"{each.id}:".startswith(f"{delivery.id}:")]
