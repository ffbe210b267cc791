"""Reading a report with Arelle, the independent XBRL processor: what it complains of and which facts it finds; and
mutating a report, to see whether it notices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from arelle.api.Session import Session
from arelle.logging.handlers.StructuredMessageLogHandler import StructuredMessageLogHandler
from arelle.RuntimeOptions import RuntimeOptions
from arelle.XmlValidateConst import VALID

IX = "{http://www.xbrl.org/2013/inlineXBRL}"


@dataclass(frozen=True)
class Read:
    """A fact as read. ``start`` is empty for an instant; ``dimensions`` pairs the local names of dimension and member
    (typed: the text), sorted, without defaults; ``value`` is in base units, None where it cannot be read. ``id`` is its
    element's and says nothing of what it is."""

    concept: str
    start: str
    end: str
    dimensions: tuple[tuple[str, str], ...]
    unit: str
    value: Decimal | None
    decimals: str
    id: str = field(default="", compare=False)


@dataclass(frozen=True)
class Reading:
    """What Arelle makes of one report."""

    complaints: tuple[str, ...]
    facts: tuple[Read, ...]


def read(report: Path, home: Path) -> Reading:
    """Opens and validates a report, offline, with nothing but the schemas that Arelle brings along."""
    options = RuntimeOptions(
        entrypointFile=str(report),
        internetConnectivity="offline",
        cacheDirectory=str(home / "cache"),
        xdgConfigHome=str(home),
        disablePersistentConfig=True,
        validate=True,
        validateDuplicateFacts="inconsistent",
        keepOpen=True,
        logLevel="WARNING",
    )
    handler = StructuredMessageLogHandler()
    with Session() as session:
        session.run(options, logHandler=handler)
        (model,) = session.get_models()
        complaints = tuple(str(message) for message in session.get_log_messages())
        return Reading(complaints, tuple(_read(fact) for fact in model.factsInInstance))


def written(folder: Path, page: bytes, taxonomy: dict[str, bytes], name: str = "report.xhtml") -> Path:
    """A report on disk, its taxonomy beside it."""
    for file, content in taxonomy.items():
        (folder / file).write_bytes(content)
    (folder / name).write_bytes(page)
    return folder / name


def _read(fact: Any) -> Read:
    context = fact.context
    start, end, dimensions = ("", "", ()) if context is None else _where(context)
    unit = "" if fact.unit is None else "/".join(str(measure) for side in fact.unit.measures for measure in side)
    value = Decimal(str(fact.xValue)) if fact.xValid >= VALID else None
    return Read(fact.qname.localName, start, end, dimensions, unit, value, fact.decimals or "", fact.id or "")


def _where(context: Any) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    start = "" if context.isInstantPeriod else context.startDatetime.date().isoformat()
    end = context.endDatetime.date() - timedelta(days=1)
    dimensions = sorted(
        (name.localName, value.memberQname.localName if value.isExplicit else value.typedMember.stringValue)
        for name, value in context.qnameDims.items()
    )
    return start, end.isoformat(), tuple(dimensions)


def mutate(root: Any, fact: Any, chance: Random, how: str) -> None:
    """Changes one thing about a fact that makes it another fact."""
    if how == "digit":
        fact.text = changed_digit(chance, fact.text)
    elif how == "scale":
        fact.set("scale", str(int(fact.get("scale")) + chance.choice([-3, -1, 1, 2])))
    elif how == "sign":
        assert fact.attrib.pop("sign", None) or not fact.set("sign", "-")
    elif how == "decimals":
        fact.set("decimals", "7" if fact.get("decimals") == "INF" else str(int(fact.get("decimals")) + 1))
    else:
        fact.set(how, chance.choice([each for each in others(root, how) if each != fact.get(how)]))


def others(root: Any, attribute: str) -> Iterator[str]:
    """Every value that facts of the page have of an attribute."""
    yield from sorted({fact.get(attribute) for fact in root.iter(f"{IX}nonFraction")})


def changed_digit(chance: Random, text: str) -> str:
    """A number with one digit replaced by another."""
    place = chance.choice([place for place, letter in enumerate(text) if letter.isdigit()])
    return text[:place] + chance.choice([d for d in "0123456789" if d != text[place]]) + text[place + 1 :]
