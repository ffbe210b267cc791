"""What a visitor sees of the evidence: the one place that knows which statements are open to all.

A statement is open where the source that it cites and its variable are public in the city's definitions; one whose
source the city does not define is not. What is not open is seen by those who may see what single enterprises report,
as far as they may: everywhere, of the places that an enterprise lies in, or of their own enterprises.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import ibis
import ibis.expr.types as ir

from shazhou.city.model import City
from shazhou.console.access.rules import Action, Subject, Visitor, may
from shazhou.console.evidence import current
from shazhou.console.evidence.stated import Stated, canonical, with_stated
from shazhou.ledger.ledger import AsOf
from shazhou.measure.expression import Aggregate, leaves, variables


@dataclass(frozen=True)
class Sight:
    """How far somebody sees beyond what is open: everywhere, within places (keys), of enterprises (ids)."""

    everywhere: bool = False
    places: frozenset[str] = frozenset()
    enterprises: frozenset[str] = frozenset()

    @property
    def only_open(self) -> bool:
        """Whether nothing is seen but what is open to all."""
        return not (self.everywhere or self.places or self.enterprises)

    def reaches(self, entity: str, place: str) -> bool:
        """Whether everything is seen of an entity that lies in a place."""
        return self.everywhere or place in self.places or entity in self.enterprises


def sight(visitor: Visitor, as_of: AsOf = None, action: Action = Action.SEE_MICRODATA) -> Sight:
    """How far a visitor may do something with what single enterprises report; grants for a merged enterprise hold for
    the one that it is part of."""
    if may(visitor, action):
        return Sight(everywhere=True)
    head = current.head(as_of)
    granted = {each for grant in visitor.grants for each in grant.enterprises}
    own = {each for each in granted if may(visitor, action, Subject(enterprise=each))}
    if not any(grant.places for grant in visitor.grants):
        places: frozenset[str] = frozenset()
    else:
        known = current.city(head).places
        places = frozenset(key for key in known if may(visitor, action, Subject(places=frozenset({key}))))
    return Sight(False, places, frozenset(own | {canonical(head, each) for each in own}))


def is_open(city: City, source: str, variable: str) -> bool:
    """Whether a statement of a source (its title) about a variable is open to all."""
    return source in open_sources(city) and variable not in hidden_variables(city)


def open_sources(city: City) -> frozenset[str]:
    """Titles of the sources that are open to all."""
    return frozenset(each.title for each in city.sources.values() if each.public)


def hidden_variables(city: City) -> frozenset[str]:
    """Variables whose statements are not open, whoever made them."""
    return frozenset(each.id for each in city.variables.values() if not each.public)


def open_rows(observations: ibis.Table, city: City) -> ir.BooleanValue:
    """Which observations are open to all."""
    return observations.source.isin(sorted(open_sources(city))) & ~observations.variable.isin(
        sorted(hidden_variables(city))
    )


@lru_cache(maxsize=8)
def closed_evidence(head: str) -> frozenset[tuple[str, bool]]:
    """The variables about which something was stated that is not open, each with whether it was stated of a place."""

    def question(stated: Stated) -> frozenset[tuple[str, bool]]:
        rows = stated.observations
        closed = rows.filter(~open_rows(rows, stated.city))
        pairs = closed.select("variable", of_place=closed.entity.startswith("place:")).distinct()
        found = stated.connection.to_pyarrow(pairs).to_pylist()
        return frozenset((str(row["variable"]), bool(row["of_place"])) for row in found)

    return with_stated(head, question)


def only_open_evidence(head: str, indicator: str) -> bool:
    """Whether no figure of an indicator can rest on anything that is not open to all."""
    closed = closed_evidence(head)
    if not closed:
        return True
    return not any(_reads(leaf.aggregate, closed) for leaf in leaves(current.expression(head, indicator)))


def _reads(aggregate: Aggregate, closed: frozenset[tuple[str, bool]]) -> bool:
    if aggregate.function == "value":
        return (aggregate.variable, True) in closed
    attributes = ("place", "industry", *variables(aggregate.test), *variables(aggregate.where))
    return any((name, False) in closed for name in (aggregate.variable, *attributes))
