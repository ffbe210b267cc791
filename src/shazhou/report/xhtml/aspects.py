"""Aspects: what keeps one fact of a report apart from another, in the words of XBRL Dimensions 1.0.

Besides its concept (the indicator), unit and period a figure is told by where it belongs (place or other entity,
industry), by its kind and status, and by what its evidence forces on it: qualifier, simulation, recording, dispute,
break in series. Each is a dimension. A closed list of members makes an explicit one, whose first member is the default
that contexts leave out; what the city's definitions cannot list is typed.

A figure of stocks holds at an instant, the last day of its period; every other one over a duration. As 2021,
2021-Q4 and 2021-12 end on one day, figures at an instant also carry their period as SDMX writes it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from shazhou.city.model import City, Indicator, Text
from shazhou.city.period import Period
from shazhou.measure.expression import leaves, variables
from shazhou.measure.figure import Figure
from shazhou.measure.formula import parse


@dataclass(frozen=True)
class Member:
    """A member of an explicit dimension. ``id`` is its element's name; ``parent`` the id above it, or empty."""

    id: str
    name: Text
    parent: str = ""


@dataclass(frozen=True)
class Aspect:
    """A dimension. ``members`` empty: it is typed. ``required``: no member is a default, contexts always say it."""

    id: str
    name: Text
    members: tuple[Member, ...] = ()
    required: bool = False


@dataclass(frozen=True)
class Coordinates:
    """Where a fact stands: its period and its members; defaults are left out.

    ``explicit`` and ``typed`` pair a dimension's id with a member's id or a text, in the order of the dimensions.
    """

    period: Period
    instant: bool
    explicit: tuple[tuple[str, str], ...] = ()
    typed: tuple[tuple[str, str], ...] = ()


def _text(en: str, zh: str) -> Text:
    return Text(en=en, zh=zh)


def _listed(id: str, name: Text, **members: Text) -> Aspect:
    return Aspect(id, name, tuple(Member(f"{id}.{key}", text) for key, text in members.items()))


KIND = _listed(
    "Kind",
    _text("kind", "数值类别"),
    actual=_text("actual", "实际"),
    target=_text("target", "目标"),
    forecast=_text("forecast", "预计"),
)
STATUS = _listed(
    "Status",
    _text("status", "数据状态"),
    actual=_text("final", "正式数"),
    provisional=_text("provisional", "初步核算数"),
    forecast=_text("forecast", "预计数"),
    estimated=_text("estimated", "估算数"),
)
QUALIFIER = _listed(
    "Qualifier",
    _text("qualifier", "限定"),
    exact=_text("as it stands", "准确值"),
    over=_text("over", "超过"),
    at_least=_text("at least", "不少于"),
    under=_text("under", "不足"),
    at_most=_text("at most", "不超过"),
    about=_text("about", "约"),
)
SIMULATION = _listed(
    "Simulation",
    _text("simulation", "是否模拟"),
    observed=_text("observed", "实测"),
    simulated=_text("simulated", "模拟数据"),
)
RECORDING = _listed(
    "Recording",
    _text("recording", "是否回放"),
    first_hand=_text("first hand", "原始"),
    recorded=_text("recorded and played back", "回放数据"),
)
DISPUTE = _listed(
    "Dispute",
    _text("dispute", "来源是否一致"),
    agreed=_text("sources agree", "来源一致"),
    disputed=_text("sources differ", "来源不一"),
)
SERIES = _listed(
    "Series",
    _text("series", "口径"),
    unbroken=_text("unbroken", "口径一致"),
    revised=_text("revised base or scope", "口径调整"),
)
ENTITY = Aspect("Entity", _text("entity that is no place", "地区以外的主体"))
SPAN = Aspect("Period", _text("period as SDMX writes it", "时期（SDMX）"))
STATEMENT = Aspect("Statement", _text("who states otherwise", "另有说法的来源"))
FIGURE = Aspect("Figure", _text("id of the figure that is made of the statements", "由这些观测值得出的数值编号"))

TRAITS = (KIND, STATUS, QUALIFIER, SIMULATION, RECORDING, DISPUTE, SERIES)
"""The aspects that every city has."""

_QUALIFIERS = {"": "exact", "=": "exact", ">": "over", ">=": "at_least", "<": "under", "<=": "at_most", "≈": "about"}


def places(city: City) -> Aspect:
    """The city's tree of places as a dimension."""
    members = tuple(
        Member(place_member(key), place.name, place_member(place.parent) if place.parent in city.places else "")
        for key, place in city.places.items()
    )
    return Aspect("Place", _text("place", "地区"), members, required=True)


def industries(city: City) -> Aspect:
    """The city's industries as a dimension; its default is the whole economy."""
    members = tuple(
        Member(
            industry_member(key),
            industry.name,
            industry_member(industry.part_of) if industry.part_of in city.industries else "",
        )
        for key, industry in city.industries.items()
    )
    whole = Member("AllIndustries", _text("all industries", "全部行业"))
    return Aspect("Industry", _text("industry", "行业"), (whole, *members))


def place_member(key: str) -> str:
    """The member that is a place."""
    return f"Place.{element_name(key)}"


def industry_member(key: str) -> str:
    """The member that is an industry."""
    return f"Industry.{element_name(key)}"


def element_name(key: str) -> str:
    """A key as part of an XML name: whatever is not plain ASCII stands there as its code point."""
    return re.sub(r"[^\w.-]|_(?=x[0-9a-f]+_)", lambda found: f"_x{ord(found[0]):x}_", key, flags=re.ASCII)


def at_instant(city: City, indicator: Indicator) -> bool:
    """Whether its figures hold at the last day of a period: it reads stocks and attributes only, of one moment."""
    found = leaves(parse(indicator.formula, city.variables))
    names = {name for leaf in found for name in (leaf.aggregate.variable, *variables(leaf.aggregate.test))}
    return all(city.variables[name].measure in ("stock", "attribute") for name in names) and not any(
        leaf.years or leaf.cumulative for leaf in found
    )


def coordinates(figure: Figure, city: City) -> Coordinates:
    """Where a figure's fact stands."""
    instant = at_instant(city, city.indicators[figure.indicator])
    explicit = [("Place", place_member(figure.place))] if figure.place in city.places else []
    typed = [] if explicit else [("Entity", figure.place)]
    if figure.industry:
        explicit.append(("Industry", industry_member(figure.industry)))
    explicit += [(aspect.id, member) for aspect, member in _traits(figure) if member != aspect.members[0].id]
    if instant:
        typed.append(("Period", figure.period))
    return Coordinates(Period.parse(figure.period), instant, tuple(explicit), tuple(typed))


def contradicted(figure: Figure, order: int, city: City) -> Coordinates:
    """Where the value stands that another source states: ``order`` is its place among the figure's others, from 0."""
    statement = figure.others[order]
    found = coordinates(replace(figure, qualifier=statement.qualifier), city)
    cited = f"{order + 1} {statement.citation.title} {statement.citation.date}".strip()
    return replace(found, typed=(*found.typed, ("Statement", cited)))


def counted(figure: Figure) -> Coordinates:
    """Where the number of statements behind a figure stands."""
    return Coordinates(Period.parse(figure.period), False, (), (("Figure", figure.id),))


def _traits(figure: Figure) -> tuple[tuple[Aspect, str], ...]:
    return (
        (KIND, f"Kind.{figure.kind}"),
        (STATUS, f"Status.{figure.status or 'actual'}"),
        (QUALIFIER, f"Qualifier.{_QUALIFIERS[figure.qualifier]}"),
        (SIMULATION, SIMULATION.members[figure.simulated].id),
        (RECORDING, RECORDING.members[figure.recorded].id),
        (DISPUTE, DISPUTE.members[figure.disputed].id),
        (SERIES, SERIES.members[figure.break_in_series].id),
    )
