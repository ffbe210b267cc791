"""The taxonomy: what a report's facts mean, for whoever reads them by machine (XBRL 2.1, Dimensions 1.0).

It is made from the city's definitions alone, so that all reports under one version of them share it: each indicator is
a concept, each aspect (`shazhou.report.xhtml.aspects`) a dimension. Names lie in
``urn:shazhou:city:ID:definitions:VERSION``, which no host answers to. A schema says what there is, a definition
linkbase which dimensions a concept takes, one label linkbase for each language what everything is called and how it is
computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from lxml import etree

from shazhou.city.model import City, Text
from shazhou.city.unit import UNITS
from shazhou.report.document import Document
from shazhou.report.xhtml import linkbase
from shazhou.report.xhtml.aspects import (
    ENTITY,
    FIGURE,
    SPAN,
    STATEMENT,
    TRAITS,
    Aspect,
    at_instant,
    element_name,
    industries,
    places,
)
from shazhou.report.xhtml.linkbase import LINK, XLINK, Cube, Labelled

PREFIX = "city"
"""Prefix of the city's names in its taxonomy and reports."""

STATEMENTS = "Statements"
"""The concept that counts how many statements a figure was made of."""

XS = "http://www.w3.org/2001/XMLSchema"
XBRLI = "http://www.xbrl.org/2003/instance"
XBRLDT = "http://xbrl.org/2005/xbrldt"
ISO4217 = "http://www.xbrl.org/2003/iso4217"
_INSTANCE = "http://www.xbrl.org/2003/xbrl-instance-2003-12-31.xsd"
_DIMENSIONS = "http://www.xbrl.org/2005/xbrldt-2005.xsd"
_NAMESPACES = {"xs": XS, "xbrli": XBRLI, "xbrldt": XBRLDT, "link": LINK, "xlink": XLINK}
_MONEY = {"cny": "CNY", "usd": "USD"}
_PURE = frozenset(["percent", "ratio", "count", "rank"])


@dataclass(frozen=True)
class Names:
    """Names that a city's taxonomy and its reports must agree on. ``stem`` begins the names of its files."""

    namespace: str
    stem: str

    @property
    def schema(self) -> str:
        return f"{self.stem}.xsd"

    def role(self, name: str) -> str:
        """The role of a set of relationships."""
        return f"{self.namespace}:role:{name}"


def names(city: City) -> Names:
    """The names of a city's taxonomy: they follow its id and the version of its definitions."""
    version = city.version[:16] or "none"
    id = element_name(city.id)
    return Names(f"urn:shazhou:city:{id}:definitions:{version}", f"{id}-{version}")


def measure_of(unit: str) -> str:
    """The XBRL measure of a unit's base: ``iso4217:CNY``, ``xbrli:pure`` for plain numbers, or one of the city's own
    (``city:tonnes``)."""
    base = UNITS[unit].base
    if base in _MONEY:
        return f"iso4217:{_MONEY[base]}"
    return "xbrli:pure" if base in _PURE else f"{PREFIX}:{base}"


def write_taxonomy(document: Document, city: City) -> dict[str, bytes]:
    """The taxonomy that a document's XHTML refers to: file name → content. The files lie beside the report."""
    return _Taxonomy(city).files()


class _Taxonomy:
    def __init__(self, city: City) -> None:
        self._city = city
        self._names = names(city)
        self._aspects = (places(city), industries(city), *TRAITS, ENTITY, SPAN, STATEMENT, FIGURE)
        self._cubes = tuple(self._all_cubes())

    def files(self) -> dict[str, bytes]:
        stem, schema = self._names.stem, self._names.schema
        linkbases = {f"{stem}-definition.xml": linkbase.definitions(schema, self._names.role("members"), self._cubes)}
        for language in ("zh", "en"):
            linkbases[f"{stem}-label-{language}.xml"] = linkbase.labels(schema, list(self._labelled()), language)
        return {schema: _bytes(self._schema(list(linkbases)))} | {
            name: _bytes(content) for name, content in linkbases.items()
        }

    def _schema(self, linkbases: list[str]) -> Any:
        namespace = self._names.namespace
        schema = etree.Element(f"{{{XS}}}schema", nsmap={PREFIX: namespace, **_NAMESPACES})
        schema.set("targetNamespace", namespace)
        schema.set("elementFormDefault", "qualified")
        information = _sub(_sub(schema, XS, "annotation"), XS, "appinfo")
        for name in linkbases:
            attributes = {"type": "simple", "href": name, "arcrole": linkbase.LINKBASE, "role": linkbase.role_of(name)}
            _sub(information, LINK, "linkbaseRef", {f"{{{XLINK}}}{key}": text for key, text in attributes.items()})
        for cube in self._cubes:
            self._role(information, cube.id, cube.name.en)
        self._role(information, "members", "members of the dimensions")
        for space, location in ((XBRLI, _INSTANCE), (XBRLDT, _DIMENSIONS)):
            _sub(schema, XS, "import", {"namespace": space, "schemaLocation": location})
        self._concepts(schema)
        self._structure(schema)
        return schema

    def _role(self, information: Any, id: str, definition: str) -> None:
        role = _sub(information, LINK, "roleType", {"roleURI": self._names.role(id), "id": f"role_{id}"})
        _sub(role, LINK, "definition").text = definition
        _sub(role, LINK, "usedOn").text = "link:definitionLink"

    def _concepts(self, schema: Any) -> None:
        for indicator in self._city.indicators.values():
            period = "instant" if at_instant(self._city, indicator) else "duration"
            _element(schema, indicator.id, f"xbrli:{_item_type(indicator.unit)}", period=period)
        _element(schema, STATEMENTS, "xbrli:pureItemType")

    def _structure(self, schema: Any) -> None:
        text = "xbrli:stringItemType"
        for cube in self._cubes:
            _element(schema, cube.primary, text, abstract=True)
            _element(schema, cube.hypercube, text, group="xbrldt:hypercubeItem", abstract=True)
        for aspect in self._aspects:
            dimension = _element(schema, f"{aspect.id}Dimension", text, group="xbrldt:dimensionItem", abstract=True)
            if aspect.members:
                for name in (f"{aspect.id}Domain", *(member.id for member in aspect.members)):
                    _element(schema, name, "xbrli:stringItemType", abstract=True)
            else:
                dimension.set(f"{{{XBRLDT}}}typedDomainRef", f"#{PREFIX}_{aspect.id}")
                _sub(schema, XS, "element", {"name": aspect.id, "id": f"{PREFIX}_{aspect.id}", "type": "xs:string"})

    def _all_cubes(self) -> Iterator[Cube]:
        where = {
            "place": (Text(en="of places", zh="地区"), (places(self._city),)),
            "entity": (Text(en="of other entities", zh="其他主体"), (ENTITY,)),
        }
        when = {
            "duration": (Text(en="over a period", zh="时期"), ()),
            "instant": (Text(en="at a moment", zh="时点"), (SPAN,)),
        }
        how = {
            "": (Text(en="figures", zh="数值"), ()),
            "_other": (Text(en="other values", zh="其他说法"), (STATEMENT,)),
        }
        common = (industries(self._city), *TRAITS)
        for (subject, whose), (period, over), (other, what) in product(where.items(), when.items(), how.items()):
            aspects = (*whose[1], *common, *over[1], *what[1])
            en, zh = (" ".join(part[0].en for part in (what, whose, over)), whose[0].zh + over[0].zh + what[0].zh)
            concepts = self._indicators(instant=period == "instant")
            yield Cube(f"{subject}_{period}{other}", Text(en=en, zh=zh), concepts, aspects, self._names.role)
        name = Text(en="statements behind figures", zh="数值所依据的观测值")
        yield Cube("statements", name, (STATEMENTS,), (FIGURE,), self._names.role)

    def _indicators(self, instant: bool) -> tuple[str, ...]:
        indicators = self._city.indicators.values()
        return tuple(each.id for each in indicators if at_instant(self._city, each) == instant)

    def _labelled(self) -> Iterator[Labelled]:
        for indicator in self._city.indicators.values():
            unit = UNITS[indicator.unit]
            formula = Text(en=f"{indicator.formula} ({unit.en or unit.id})", zh=f"{indicator.formula}（{unit.zh}）")
            yield Labelled(indicator.id, indicator.name, formula)
        yield Labelled(STATEMENTS, Text(en="Statements that a figure was made of", zh="数值所依据的观测值个数"))
        for cube in self._cubes:
            yield Labelled(cube.primary, cube.name)
            yield Labelled(cube.hypercube, cube.name)
        for aspect in self._aspects:
            yield from _labelled_aspect(aspect)


def _labelled_aspect(aspect: Aspect) -> Iterator[Labelled]:
    yield Labelled(f"{aspect.id}Dimension", aspect.name)
    if aspect.members:
        yield Labelled(f"{aspect.id}Domain", aspect.name)
    for member in aspect.members:
        yield Labelled(member.id, member.name)


def _item_type(unit: str) -> str:
    measure = measure_of(unit)
    if measure.startswith("iso4217:"):
        return "monetaryItemType"
    return "pureItemType" if measure == "xbrli:pure" else "decimalItemType"


def _element(
    schema: Any, name: str, type: str, group: str = "xbrli:item", period: str = "duration", abstract: bool = False
) -> Any:
    attributes = {"name": name, "id": f"{PREFIX}_{name}", "type": type, "substitutionGroup": group, "nillable": "true"}
    element = _sub(schema, XS, "element", attributes | ({"abstract": "true"} if abstract else {}))
    element.set(f"{{{XBRLI}}}periodType", period)
    return element


def _sub(parent: Any, space: str, name: str, attributes: dict[str, str] | None = None) -> Any:
    return etree.SubElement(parent, f"{{{space}}}{name}", attributes or {})


def _bytes(root: Any) -> bytes:
    content: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return content
