"""Inline XBRL 1.1: facts within the text, and the header with the contexts and units that they stand in."""

from __future__ import annotations

from typing import Any

from lxml import etree

from shazhou.city.model import City
from shazhou.city.period import Period
from shazhou.measure.figure import Figure
from shazhou.report.document import Count, Quote
from shazhou.report.xhtml.aspects import Coordinates, coordinates, counted
from shazhou.report.xhtml.linkbase import LINK, XLINK
from shazhou.report.xhtml.markup import allowed
from shazhou.report.xhtml.taxonomy import ISO4217, PREFIX, STATEMENTS, XBRLI, measure_of, names

IX = "http://www.xbrl.org/2013/inlineXBRL"
IXT = "http://www.xbrl.org/inlineXBRL/transformation/2020-02-12"
XBRLDI = "http://xbrl.org/2006/xbrldi"
ENTITY_SCHEME = "urn:shazhou:city"


def namespaces(city: City) -> dict[str, str]:
    """Prefixes that a report's facts need."""
    spaces = {"ix": IX, "ixt": IXT, "xbrli": XBRLI, "xbrldi": XBRLDI, "link": LINK, "xlink": XLINK, "iso4217": ISO4217}
    return {**spaces, PREFIX: names(city).namespace}


class Facts:
    """Turns quotes into facts; remembers the contexts and units that they use."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._found: dict[Figure, Coordinates] = {}
        self._contexts: dict[Coordinates, str] = {}
        self._units: dict[str, str] = {}
        self._count = 0

    def number(self, quote: Quote, at: Coordinates | None = None) -> Any:
        """A quote's digits as a fact, in the figure's own context or in another one."""
        figure = quote.figure
        fact = self._fact(figure.indicator, figure.id, at or self._own(figure), measure_of(figure.unit))
        fact.set("scale", str(quote.scale))
        fact.set("decimals", str(quote.accuracy))
        if quote.negative:
            fact.set("sign", "-")
        fact.text = quote.digits
        return fact

    def count(self, count: Count) -> Any:
        """The number of statements behind a figure as a fact."""
        figure = count.quote.figure
        fact = self._fact(STATEMENTS, figure.id, counted(figure), "xbrli:pure")
        fact.set("scale", "0")
        fact.set("decimals", "INF")
        fact.text = str(count.value)
        return fact

    def header(self) -> Any:
        """The header for all facts so far."""
        header = etree.Element(f"{{{IX}}}header")
        references = etree.SubElement(header, f"{{{IX}}}references")
        schema = {f"{{{XLINK}}}type": "simple", f"{{{XLINK}}}href": names(self._city).schema}
        etree.SubElement(references, f"{{{LINK}}}schemaRef", schema)
        resources = etree.SubElement(header, f"{{{IX}}}resources")
        for at, id in self._contexts.items():
            resources.append(self._context(at, id))
        for measure, id in self._units.items():
            unit = etree.SubElement(resources, f"{{{XBRLI}}}unit", {"id": id})
            etree.SubElement(unit, f"{{{XBRLI}}}measure").text = measure
        return header

    def _own(self, figure: Figure) -> Coordinates:
        if figure not in self._found:
            self._found[figure] = coordinates(figure, self._city)
        return self._found[figure]

    def _fact(self, concept: str, figure: str, at: Coordinates, measure: str) -> Any:
        self._count += 1
        context = self._contexts.setdefault(at, f"c{len(self._contexts) + 1}")
        unit = self._units.setdefault(measure, f"u-{measure.partition(':')[2]}")
        attributes = {"id": f"{figure}.{self._count}", "name": f"{PREFIX}:{concept}", "contextRef": context}
        attributes |= {"unitRef": unit, "format": "ixt:num-dot-decimal"}
        return etree.Element(f"{{{IX}}}nonFraction", attributes)

    def _context(self, at: Coordinates, id: str) -> Any:
        context = etree.Element(f"{{{XBRLI}}}context", {"id": id})
        entity = etree.SubElement(context, f"{{{XBRLI}}}entity")
        etree.SubElement(entity, f"{{{XBRLI}}}identifier", {"scheme": ENTITY_SCHEME}).text = allowed(self._city.id)
        _say_period(etree.SubElement(context, f"{{{XBRLI}}}period"), at.period, at.instant)
        if at.explicit or at.typed:
            scenario = etree.SubElement(context, f"{{{XBRLI}}}scenario")
            for aspect, member in at.explicit:
                dimension = {"dimension": f"{PREFIX}:{aspect}Dimension"}
                etree.SubElement(scenario, f"{{{XBRLDI}}}explicitMember", dimension).text = f"{PREFIX}:{member}"
            for aspect, text in at.typed:
                dimension = {"dimension": f"{PREFIX}:{aspect}Dimension"}
                typed = etree.SubElement(scenario, f"{{{XBRLDI}}}typedMember", dimension)
                etree.SubElement(typed, f"{{{names(self._city).namespace}}}{aspect}").text = allowed(text)
        return context


def _say_period(element: Any, period: Period, instant: bool) -> None:
    parts = {"instant": period.end} if instant else {"startDate": period.start, "endDate": period.end}
    for name, day in parts.items():
        etree.SubElement(element, f"{{{XBRLI}}}{name}").text = day.isoformat()
