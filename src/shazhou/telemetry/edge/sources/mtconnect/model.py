"""An MTConnect device model: which data items a device has, of which category, type and unit.

The document is MTConnectDevices of any version from 1.0 on. Its namespace names the version
(``urn:mtconnect.org:MTConnectDevices:1.3``) and is not looked at, since what is read here never changed.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

LARGEST = 16 * 1024 * 1024
"""Bytes of a document of an agent; a longer one is refused."""


@dataclass(frozen=True, slots=True)
class DataItem:
    """One data item; ``path`` leads to its component (``Device/Axes[a]/Linear[X]``), ``source`` is what is sent."""

    id: str
    category: str
    type: str
    name: str = ""
    sub_type: str = ""
    units: str = ""
    representation: str = "VALUE"
    source: str = ""
    path: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """What an adapter may call it, in the order in which an agent looks."""
        return tuple(word for word in (self.id, self.name, self.source) if word)

    @property
    def numeric(self) -> bool:
        """Whether its values are numbers: samples with one value, and counting events."""
        whole = self.representation in ("VALUE", "DISCRETE")
        return whole and (self.category == "SAMPLE" or self.type in COUNTING) and not self.units.endswith("_3D")


COUNTING = frozenset({"PART_COUNT", "LINE", "LINE_NUMBER", "BLOCK_COUNT", "TOOL_NUMBER", "PALLET_NUMBER", "LOAD_COUNT"})
"""Types of events whose value is a number."""


def local(tag: str) -> str:
    """An element's name without its namespace."""
    return tag.rpartition("}")[2]


def parsed(document: bytes) -> ElementTree.Element:
    """The document's root. Raises ValueError when it is too long or no XML."""
    if len(document) > LARGEST:
        raise ValueError(f"document of {len(document)} bytes, more than {LARGEST}")
    try:
        return ElementTree.fromstring(document)
    except ElementTree.ParseError as error:
        raise ValueError(f"no XML: {error}") from error


def data_items(document: bytes, device: str = "") -> dict[str, DataItem]:
    """Every data item by id, of the device named (by name or uuid) or of all. Raises ValueError on a wrong document."""
    root = parsed(document)
    if local(root.tag) != "MTConnectDevices":
        raise ValueError(f"expected MTConnectDevices, found {local(root.tag)}")
    found: dict[str, DataItem] = {}
    for element in root.iter():
        if local(element.tag) in ("Device", "Agent") and device in ("", element.get("name"), element.get("uuid")):
            _collect(element, local(element.tag), found)
    return found


def model_at(path: Path, device: str = "") -> dict[str, DataItem]:
    """The data items of a model in a file."""
    return data_items(path.read_bytes(), device)


def _collect(component: ElementTree.Element, path: str, found: dict[str, DataItem]) -> None:
    for child in component:
        kind = local(child.tag)
        if kind == "DataItems":
            for element in child:
                if (item := _data_item(element, path)) is not None:
                    found[item.id] = item
        elif kind == "Components":
            for inner in child:
                name = inner.get("name") or inner.get("id") or ""
                _collect(inner, f"{path}/{local(inner.tag)}[{name}]", found)


def _data_item(element: ElementTree.Element, path: str) -> DataItem | None:
    if local(element.tag) != "DataItem" or not element.get("id"):
        return None
    source = next((child for child in element if local(child.tag) == "Source"), None)
    return DataItem(
        id=element.get("id", ""),
        category=element.get("category", ""),
        type=element.get("type", ""),
        name=element.get("name", ""),
        sub_type=element.get("subType", ""),
        units=element.get("units", ""),
        representation=element.get("representation", "VALUE"),
        source=(source.text or "").strip() if source is not None else "",
        path=path,
    )
