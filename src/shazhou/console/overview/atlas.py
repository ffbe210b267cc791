"""The map: an indicator over the places of a map, each with its figure or with none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from shazhou.city.model import City, Indicator, Map, Place
from shazhou.city.problem import Language, Problem, Rule, Where
from shazhou.console.access.rules import Visitor
from shazhou.console.evidence.coverage import coverage, in_order
from shazhou.console.evidence.published import figures_for
from shazhou.console.look.templatetags.shown import digits, trail_address, unit_name
from shazhou.console.overview.outlines import Drawn, drawn
from shazhou.measure.figure import Cell, Figure

NOT_HERE = Rule(
    "map-without-indicator",
    "Nothing is known of “{found}” on this map; {shown} is shown.",
    "本图没有“{found}”的数据，现显示{shown}。",
    "Choose another map, or load a file about these places.",
    "请选择其他图幅，或导入有关各地的文件。",
)

T = TypeVar("T")

UNKNOWN_CHOICE = Rule(
    "map-choice",
    "The map has no {what_en} {found}.",
    "地图没有这个{what_zh}：{found}。",
    "Choose from the list.",
    "请从列表中选择。",
)


@dataclass(frozen=True)
class Spot:
    """A place of the map with its figure, which may be withheld; None where there is no evidence."""

    place: Place
    figure: Figure | None


@dataclass(frozen=True)
class Atlas:
    """A map and what it shows.

    ``drawn`` are the places with an outline or a seat on it, ``beside`` those that have neither; ``strangers`` the
    features of the outlines that are no place of the city folder, so that nothing can be known of them here.
    """

    shown: Map
    maps: tuple[Map, ...]
    indicator: Indicator | None
    indicators: tuple[Indicator, ...]
    period: str
    periods: tuple[str, ...]
    drawn: tuple[Spot, ...]
    beside: tuple[Spot, ...]
    strangers: int
    option: dict[str, Any]
    problems: tuple[Problem, ...]

    @property
    def all(self) -> int:
        """How many places it has."""
        return len(self.drawn) + len(self.beside)

    @property
    def known(self) -> int:
        """How many of its places have a figure."""
        return _known({spot.place.key: spot.figure for spot in (*self.drawn, *self.beside)})


def outlines_of(city: City, shown: Map) -> Drawn:
    """The outlines of one of the city's maps."""
    return drawn(city.files[shown.file], shown)


def atlas(city: City, head: str, visitor: Visitor, asked: Mapping[str, str], language: Language) -> Atlas | None:
    """The map that is asked for with ``map``, ``by`` (an indicator) and ``period``; None where the city has none."""
    if not city.maps:
        return None
    problems: list[Problem] = []
    shown = _chosen({each.id: each for each in city.maps}, asked.get("map", ""), ("map", "图幅"), problems)
    assert shown is not None
    outlines = outlines_of(city, shown)
    seated = [place for place in city.places.values() if shown.seats_of and place.parent == shown.seats_of]
    features = {} if seated else _places_of_features(city, outlines)
    places = seated or list(features.values())
    periods_of = _periods_of(city, head, places)
    offered = {name: city.indicators[name] for name in periods_of}
    by, when = asked.get("by", ""), asked.get("period", "")
    elsewhere = by in city.indicators and by not in offered
    indicator = _chosen(offered, "" if elsewhere else by, ("indicator", "指标"), problems)
    if elsewhere and indicator is not None:
        names = {"shown": indicator.name.of(language)}
        problems.append(Problem(NOT_HERE, Where(), city.indicators[by].name.of(language), names))
    figures = _figures(head, visitor, indicator, places, periods_of)
    best = {period: period for period in sorted(figures, key=lambda each: -_known(figures[each]))}
    period = _chosen(best, "" if elsewhere else when, ("period", "时期"), problems) or ""
    known = figures.get(period, {})
    spots = tuple(Spot(place, known.get(place.key)) for place in places)
    drawn_keys = {place.key for place in features.values()} | {place.key for place in seated if place.latitude}
    return Atlas(
        shown,
        city.maps,
        indicator,
        tuple(sorted(offered.values(), key=lambda each: (each.section, each.name.of(language)))),
        period,
        tuple(each for each in reversed(in_order(figures)) if _known(figures[each])),
        tuple(spot for spot in spots if spot.place.key in drawn_keys),
        tuple(spot for spot in spots if spot.place.key not in drawn_keys),
        0 if seated else len(outlines.names) - len(features),
        _option(shown, outlines, features, [spot for spot in spots if spot.place in seated], known, language),
        tuple(problems),
    )


def _chosen(offered: Mapping[str, T], asked: str, what: tuple[str, str], problems: list[Problem]) -> T | None:
    """What was asked for, or the first that is offered, with a problem where another was asked for."""
    if asked and asked not in offered:
        problems.append(Problem(UNKNOWN_CHOICE, Where(), asked, {"what_en": what[0], "what_zh": what[1]}))
    return offered.get(asked) or next(iter(offered.values()), None)


def _places_of_features(city: City, outlines: Drawn) -> dict[str, Place]:
    """The city's places by the code of their feature."""
    by_code = {place.code: place for place in city.places.values() if place.code}
    by_code |= {place.outline.partition("#")[2]: place for place in city.places.values() if place.outline}
    return {code: by_code[code] for code in outlines.names if code in by_code}


def _periods_of(city: City, head: str, places: Sequence[Place]) -> dict[str, tuple[str, ...]]:
    """The indicators that something is known of for these places with the periods, those of most places first."""
    known = coverage(head)
    found = {}
    spread = {}
    for name in known.covered(place.key for place in places):
        periods = [known.periods(name, place.key) for place in places]
        found[name] = in_order({period for each in periods for period in each})
        spread[name] = sum(map(bool, periods)) if not known.is_of_entities(name) else 0
    return {name: found[name] for name in sorted(found, key=lambda name: -spread[name]) if found[name]}


def _figures(
    head: str,
    visitor: Visitor,
    indicator: Indicator | None,
    places: Sequence[Place],
    periods_of: Mapping[str, tuple[str, ...]],
) -> dict[str, dict[str, Figure | None]]:
    """By period, the newest first, the figure of each place."""
    if indicator is None:
        return {}
    periods = list(reversed(periods_of[indicator.id]))
    cells = {(period, place.key): Cell(indicator.id, place.key, period) for period in periods for place in places}
    figures = figures_for(visitor, head, cells.values())
    return {
        period: {
            place.key: figure
            if (figure := figures[cells[period, place.key]]).value is not None or figure.withheld
            else None
            for place in places
        }
        for period in periods
    }


def _known(figures: Mapping[str, Figure | None]) -> int:
    """How many of the figures of places have a value."""
    return sum(figure is not None and figure.value is not None for figure in figures.values())


def _option(
    shown: Map,
    outlines: Drawn,
    features: Mapping[str, Place],
    seated: Sequence[Spot],
    known: Mapping[str, Figure | None],
    language: Language,
) -> dict[str, Any]:
    """The ECharts option; colours are named by their tokens, which the page's script looks up."""
    regions = [
        {"name": code, **_datum(features[code].name.of(language), known.get(features[code].key))}
        if code in features
        else {"name": code, "title": name, "shown": _("not in the city's evidence")}
        for code, name in (outlines.names.items() if features else ())
    ]
    seats = [
        {**datum, "name": datum["title"], "value": [float(place.longitude), float(place.latitude), datum.get("value")]}
        for place, datum in ((spot.place, _datum(spot.place.name.of(language), spot.figure)) for spot in seated)
        if place.longitude is not None and place.latitude is not None
    ]
    return {
        "tooltip": {"trigger": "item"},
        "geo": {
            "map": shown.id,
            "aspectScale": outlines.aspect,
            "left": 4,
            "right": 4,
            "top": 8,
            "bottom": 8,
            "preserveAspect": "contain",
            "itemStyle": {"areaColor": "--ground", "borderColor": "--line-strong", "borderWidth": 1},
            "emphasis": {"label": {"show": False}, "itemStyle": {"areaColor": "--accent-soft"}},
            "select": {"disabled": True},
        },
        "visualMap": _scale([figure for figure in known.values() if figure and figure.value is not None]),
        "series": [
            {"type": "map", "geoIndex": 0, "data": regions, "selectedMode": False},
            {
                "type": "scatter",
                "coordinateSystem": "geo",
                "symbolSize": 14,
                "itemStyle": {"borderColor": "--accent", "borderWidth": 1.5},
                "label": {"show": True, "position": "right", "formatter": "{b}", "color": "--ink", "fontSize": 11},
                "labelLayout": {"hideOverlap": True},
                "data": seats,
            },
        ],
    }


def _datum(title: str, figure: Figure | None) -> dict[str, Any]:
    if figure is None or figure.value is None:
        why = _("no evidence") if figure is None else _("held back until it is released")
        return {"title": title, "shown": why, "itemStyle": {"color": "--paper", "areaColor": "--ground"}}
    text = f"{digits(figure.value)} {unit_name(figure.unit)}".strip()
    return {"title": title, "shown": text, "value": float(figure.value), "address": trail_address(figure)}


def _scale(figures: Sequence[Figure]) -> dict[str, Any]:
    values = [figure.value for figure in figures if figure.value is not None]
    low, high = min(values, default=Decimal(0)), max(values, default=Decimal(1))
    return {
        "type": "continuous",
        "show": len(values) > 1,
        "min": float(min(low, Decimal(0)) if low == high else low),
        "max": float(high) or 1,
        "text": [digits(high), digits(low)],
        "left": 0,
        "bottom": 0,
        "itemHeight": 90,
        "itemWidth": 10,
        "inRange": {"color": ["--scale-low", "--scale-high"]},
        "outOfRange": {"color": "--ground"},
        "textStyle": {"color": "--ink-soft"},
    }
