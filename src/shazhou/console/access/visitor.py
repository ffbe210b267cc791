"""Who is looking: the visitor behind a request."""

from __future__ import annotations

from django.http import HttpRequest

from shazhou.city.model import City
from shazhou.console.access.models import Person
from shazhou.console.access.rules import BY_KEY, Grant, Visitor


def visitor_of(request: HttpRequest) -> Visitor:
    """The visitor behind a request, with every place below those granted; the public where nobody has signed in."""
    known = getattr(request, "visitor", None)
    if isinstance(known, Visitor):
        return known
    person = request.user
    return person_as_visitor(person) if isinstance(person, Person) and person.is_active else Visitor()


def person_as_visitor(person: Person) -> Visitor:
    """A person with what they were granted."""
    from shazhou.console.evidence.current import city_or_none

    city = city_or_none()
    grants = tuple(
        Grant(BY_KEY[each.role], _with_those_below(city, each.places), _with_the_whole(city, each.enterprises))
        for each in person.assignments.all()
        if each.role in BY_KEY
    )
    return Visitor(person.pk, person.get_full_name() or person.username, grants)


def _with_those_below(city: City | None, places: list[str]) -> frozenset[str]:
    known = [place for place in places if city is not None and place in city.places]
    return frozenset(places).union(*(city.descendants(place) for place in known if city is not None))


def _with_the_whole(city: City | None, enterprises: list[str]) -> frozenset[str]:
    """Enterprises with those that they turned out to be part of."""
    if city is None or not enterprises:
        return frozenset(enterprises)
    from shazhou.console.evidence import current
    from shazhou.console.evidence.stated import merged

    whole = merged(current.head())
    return frozenset(enterprises) | {whole.get(each, each) for each in enterprises}
