"""Operations about what the city defines."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from shazhou.city.model import Definition, Indicator
from shazhou.console.access.rules import Action
from shazhou.console.api.guard import operation
from shazhou.console.api.problems import Failure
from shazhou.console.api.schemas import CityOut, DefinitionsOut, IndicatorOut, Name, Named
from shazhou.console.evidence import current
from shazhou.console.evidence.releases import newest_head

router = Router(tags=["definitions"])

DEFINED = ("places", "industries", "variables", "indicators", "targets", "sources")


@operation(router, "GET", "/city", CityOut, Action.SEE_PUBLISHED)
def city(request: HttpRequest, as_of: Name = "") -> CityOut:
    """The city, the head at a moment, and the newest release up to it."""
    head = current.head(as_of or None)
    found = current.city(head)
    same = ("id", "code", "root", "currency", "zone")
    return CityOut(
        name=Named.of(found.name),
        languages=list(found.languages),
        head=head,
        submissions=len(current.ledger().submissions(head)),
        definitions=found.version,
        release=newest_head(head),
        places=list(found.places),
        industries=list(found.industries),
        **{name: getattr(found, name) for name in same},
    )


@operation(router, "GET", "/indicators", list[IndicatorOut], Action.SEE_PUBLISHED)
def indicators(request: HttpRequest, as_of: Name = "") -> list[IndicatorOut]:
    """Every indicator, in the order of the city folder."""
    return [_indicator(each) for each in current.city(as_of or None).indicators.values()]


@operation(router, "GET", "/indicators/{indicator}", IndicatorOut, Action.SEE_PUBLISHED)
def indicator(request: HttpRequest, indicator: str, as_of: Name = "") -> IndicatorOut:
    """One indicator."""
    found = current.city(as_of or None).indicators.get(indicator)
    if found is None:
        raise Failure(404)
    return _indicator(found)


@operation(router, "GET", "/definitions", DefinitionsOut, Action.SEE_PUBLISHED)
def definitions(request: HttpRequest, as_of: Name = "") -> DefinitionsOut:
    """Places, industries, variables, indicators, targets, sources and precedence as the city folder has them."""
    found = current.city(as_of or None)
    whole: dict[str, Any] = {name: _plain(getattr(found, name)) for name in DEFINED}
    whole["precedence"] = [each.model_dump(mode="json") for each in found.precedence]
    whole["release"] = found.release.model_dump(mode="json")
    return DefinitionsOut(version=found.version, definitions=whole)


def _plain(defined: dict[str, Definition]) -> dict[str, Any]:
    return {key: each.model_dump(mode="json") for key, each in defined.items()}


def _indicator(of: Indicator) -> IndicatorOut:
    same = [name for name in IndicatorOut.model_fields if name != "name"]
    return IndicatorOut(name=Named.of(of.name), **{name: getattr(of, name) for name in same})
