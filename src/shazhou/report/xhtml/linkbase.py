"""Linkbases of the taxonomy: labels in a language, and definitions (which concepts take which dimensions)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from lxml import etree

from shazhou.city.model import Text
from shazhou.report.xhtml.aspects import Aspect
from shazhou.report.xhtml.markup import XML, allowed

LINK = "http://www.xbrl.org/2003/linkbase"
XLINK = "http://www.w3.org/1999/xlink"
LINKBASE = "http://www.w3.org/1999/xlink/properties/linkbase"
_ROLES = "http://www.xbrl.org/2003/role"
_CONCEPT_LABEL = "http://www.xbrl.org/2003/arcrole/concept-label"
_DIMENSIONS = "http://xbrl.org/int/dim/arcrole"
_XBRLDT = "http://xbrl.org/2005/xbrldt"
_DIMENSIONS_SCHEMA = "http://www.xbrl.org/2005/xbrldt-2005.xsd"
_ARCROLES = ("all", "hypercube-dimension", "dimension-domain", "domain-member", "dimension-default")


@dataclass(frozen=True)
class Labelled:
    """An element of the schema with its name and, where there is more to say, its documentation."""

    element: str
    name: Text
    documentation: Text | None = None


@dataclass(frozen=True)
class Cube:
    """Concepts that take the same dimensions, all of them and no other. ``role_of`` turns a name into a role."""

    id: str
    name: Text
    concepts: tuple[str, ...]
    aspects: tuple[Aspect, ...]
    role_of: Callable[[str], str]

    @property
    def role(self) -> str:
        return self.role_of(self.id)

    @property
    def primary(self) -> str:
        """The abstract element above its concepts."""
        return f"Figures.{self.id}"

    @property
    def hypercube(self) -> str:
        return f"Hypercube.{self.id}"


def role_of(file: str) -> str:
    """The role with which a schema refers to a linkbase file."""
    return f"{_ROLES}/{'labelLinkbaseRef' if '-label-' in file else 'definitionLinkbaseRef'}"


def labels(schema: str, labelled: list[Labelled], language: str) -> Any:
    """A label linkbase."""
    root = _root()
    link = _Link(root, "label", f"{_ROLES}/link", schema)
    for each in labelled:
        link.label(each.element, f"{_ROLES}/label", each.name.of(language), language)
        if each.documentation is not None:
            link.label(each.element, f"{_ROLES}/documentation", each.documentation.of(language), language)
    return root


def definitions(schema: str, members: str, cubes: Iterable[Cube]) -> Any:
    """A definition linkbase. The dimensions' members stand once, under the role ``members``."""
    root = _root()
    for arcrole in _ARCROLES:
        reference = {"arcroleURI": f"{_DIMENSIONS}/{arcrole}"}
        _typed(root, "arcroleRef", "simple", href=f"{_DIMENSIONS_SCHEMA}#{arcrole}").attrib.update(reference)
    cubes = tuple(cubes)
    for role in (*(cube.role for cube in cubes), members):
        href = f"{schema}#role_{role.rpartition(':')[2]}"
        _typed(root, "roleRef", "simple", href=href).attrib.update({"roleURI": role})
    aspects: dict[str, Aspect] = {}
    for cube in cubes:
        aspects |= {aspect.id: aspect for aspect in cube.aspects}
        _relate(_Link(root, "definition", cube.role, schema), cube, members)
    link = _Link(root, "definition", members, schema)
    for aspect in aspects.values():
        if aspect.members:
            _domain(link, aspect)
    return root


def _relate(link: _Link, cube: Cube, members: str) -> None:
    for concept in cube.concepts:
        link.arc("domain-member", cube.primary, concept)
    all_of = link.arc("all", cube.primary, cube.hypercube)
    all_of.set(f"{{{_XBRLDT}}}contextElement", "scenario")
    all_of.set(f"{{{_XBRLDT}}}closed", "true")
    for aspect in cube.aspects:
        arc = link.arc("hypercube-dimension", cube.hypercube, f"{aspect.id}Dimension")
        if aspect.members:
            arc.set(f"{{{_XBRLDT}}}targetRole", members)


def _domain(link: _Link, aspect: Aspect) -> None:
    dimension, domain = f"{aspect.id}Dimension", f"{aspect.id}Domain"
    link.arc("dimension-domain", dimension, domain).set(f"{{{_XBRLDT}}}usable", "false")
    for member in aspect.members:
        link.arc("domain-member", member.parent or domain, member.id)
    if not aspect.required:
        link.arc("dimension-default", dimension, aspect.members[0].id)


class _Link:
    """One extended link: locators are made as arcs need them, arcs are in the order given."""

    def __init__(self, root: Any, kind: str, role: str, schema: str) -> None:
        self._kind = kind
        self._schema = schema
        self._link = _typed(root, f"{kind}Link", "extended", role=role)
        self._located: set[str] = set()
        self._count = 0

    def label(self, element: str, role: str, text: str, language: str) -> None:
        """Gives an element a label."""
        self._count += 1
        resource = f"label_{self._count}"
        self._locate(element)
        label = _typed(self._link, "label", "resource", label=resource, role=role)
        label.set(f"{{{XML}}}lang", language)
        label.text = allowed(text)
        self._arc(_CONCEPT_LABEL, f"at_{element}", resource)

    def arc(self, arcrole: str, start: str, end: str) -> Any:
        """Relates two elements by an arcrole of the Dimensions specification."""
        self._locate(start)
        self._locate(end)
        self._count += 1
        arc = self._arc(f"{_DIMENSIONS}/{arcrole}", f"at_{start}", f"at_{end}")
        arc.set("order", str(self._count))
        return arc

    def _arc(self, arcrole: str, start: str, end: str) -> Any:
        arc = _typed(self._link, f"{self._kind}Arc", "arc", arcrole=arcrole)
        arc.set(f"{{{XLINK}}}from", start)
        arc.set(f"{{{XLINK}}}to", end)
        return arc

    def _locate(self, element: str) -> None:
        if element not in self._located:
            self._located.add(element)
            _typed(self._link, "loc", "locator", href=f"{self._schema}#city_{element}", label=f"at_{element}")


def _root() -> Any:
    return etree.Element(f"{{{LINK}}}linkbase", nsmap={"link": LINK, "xlink": XLINK, "xbrldt": _XBRLDT})


def _typed(parent: Any, name: str, type: str, **xlink: str) -> Any:
    attributes = {f"{{{XLINK}}}{key}": text for key, text in {"type": type, **xlink}.items()}
    return etree.SubElement(parent, f"{{{LINK}}}{name}", attributes)
