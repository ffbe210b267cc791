"""What the desk asks of the ledger: who reports, what is due, what is known already; and what it adds to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache

from ibis import _

from shazhou.city.collection import Collection
from shazhou.city.period import Period
from shazhou.city.unit import UNITS
from shazhou.console.evidence import current
from shazhou.intake.held import Held
from shazhou.intake.held import held as held_by
from shazhou.intake.return_submission import open_round, submit_return, withdraw_return
from shazhou.intake.returned import Return
from shazhou.ledger.engine import connect
from shazhou.ledger.submission import Submission
from shazhou.measure.measure import Measure
from shazhou.programme import task as programme
from shazhou.programme.burden import Burden
from shazhou.programme.burden import burdens as burdens_of
from shazhou.programme.reporter import Reporter
from shazhou.programme.reporter import reporters as reporters_of
from shazhou.programme.task import Task

DESK = "desk"
"""Who delivers what the desk states by itself."""


def now() -> datetime:
    """The moment."""
    return datetime.now(UTC)


def today() -> date:
    """The day in the city's time zone."""
    return programme.today(current.city(), now())


def collections() -> Mapping[str, Collection]:
    """The city's collections by id; none where nothing has been loaded."""
    city = current.city_or_none()
    return {} if city is None else city.collections


def tasks(day: date) -> tuple[Task, ...]:
    """What is to be reported on a day, by everybody, soonest first."""
    return _tasks(current.head(), day)


def reporters(collection: str, day: date) -> Mapping[str, Reporter]:
    """Those of whom a collection asks the return that opens on a day, by entity."""
    return _reporters(current.head(), collection, day)


def burdens(day: date) -> tuple[Burden, ...]:
    """What reporting costs each enterprise in a year, heaviest first."""
    return _burdens(current.head(), day)


def texts(variable: str, entities: Iterable[str]) -> dict[str, str]:
    """What an attribute says of entities; nothing where the city has no such attribute."""
    if variable not in current.city().variables:
        return {}
    return current.with_measure(None, lambda measure: measure.texts(variable, entities))


def held(collection: Collection, entity: str) -> tuple[Held, ...]:
    """What the ledger holds of the variables of a collection for an entity, in every period."""
    return _held(current.head(), collection.variables, entity)


def peers(collection: Collection, entity: str, period: Period) -> dict[str, list[Decimal]]:
    """By variable the values of the other reporters of a collection for a period, in the variable's unit."""
    others = reporters(collection.id, collection.opens(period)).keys() - {entity}
    stated = _stated(current.head(), collection.variables, period.text)
    units = {name: UNITS[current.city().variables[name].unit].factor for name in collection.variables}
    return {
        name: [value / units[name] for other, value in stated.get(name, {}).items() if other in others]
        for name in collection.variables
    }


def submit(returned: Return, known: Iterable[Held], deliverer: str) -> Submission:
    """Adds an approved return to the ledger, after its round; the same return again is the same submission.

    Raises:
        Refused: the return breaks rules, or the ledger cannot be written to.
    """
    collection, period = current.city().collections[returned.collection], Period.parse(returned.period)
    asked = reporters(returned.collection, collection.opens(period))
    open_round(current.ledger(), current.city(), collection, period.text, asked, DESK)
    return submit_return(current.ledger(), current.city(), returned, known, deliverer)


def open_rounds(day: date) -> list[Submission]:
    """States for each period that is open on a day who owes a return; what was stated before stays as it is.

    Raises:
        Refused: the ledger cannot be written to.
    """
    rounds = current.with_measure(None, lambda measure: programme.rounds(measure, day))
    opened = (
        open_round(current.ledger(), current.city(), each.collection, each.period.text, each.entities, DESK)
        for each in rounds
    )
    return [each for each in opened if each is not None]


def submission(name: str) -> Submission | None:
    """The ledger's submission with an id."""
    return _submissions(current.head()).get(name)


def withdraw(name: str, reason: str, deliverer: str) -> Submission:
    """Withdraws an approved return in all its revisions; the same withdrawal again returns the first.

    Raises:
        Refused: nothing of it counts any more, or the ledger cannot be written to.
    """
    return withdraw_return(current.ledger(), current.city(), name, reason, deliverer)


@lru_cache(maxsize=4)
def _submissions(head: str) -> Mapping[str, Submission]:
    return {each.id: each for each in current.ledger().submissions(head)}


@lru_cache(maxsize=4)
def _tasks(head: str, day: date) -> tuple[Task, ...]:
    return current.with_measure(head, lambda measure: programme.tasks(measure, day))


@lru_cache(maxsize=32)
def _reporters(head: str, collection: str, day: date) -> Mapping[str, Reporter]:
    def asked(measure: Measure) -> tuple[Reporter, ...]:
        return reporters_of(measure, measure.city.collections[collection], day)

    return {each.entity: each for each in current.with_measure(head, asked)}


@lru_cache(maxsize=4)
def _burdens(head: str, day: date) -> tuple[Burden, ...]:
    return current.with_measure(head, lambda measure: burdens_of(measure, day))


@lru_cache(maxsize=256)
def _held(head: str, variables: tuple[str, ...], entity: str) -> tuple[Held, ...]:
    return held_by(current.ledger(), current.city(head), variables, [entity], head)


@lru_cache(maxsize=32)
def _stated(head: str, variables: tuple[str, ...], period: str) -> dict[str, dict[str, Decimal]]:
    """The newest value of each entity for a period, in base units, by variable; whatever source stated it."""
    connection = connect()
    rows = current.ledger().observations(connection, head)
    chosen = rows.filter(
        _.variable.isin(list(variables)), _.period == period, _.kind == "actual", _.industry == "", ~_.text.notnull()
    )
    order = chosen.sequence * 2**31 + chosen.position
    newest = chosen.group_by("variable", "entity").agg(
        value=chosen.value.first(order_by=order.desc(), include_null=True)
    )
    found: dict[str, dict[str, Decimal]] = {}
    for row in connection.to_pyarrow(newest).to_pylist():
        if row["value"] is not None:
            found.setdefault(row["variable"], {})[row["entity"]] = row["value"]
    connection.disconnect()
    return found
