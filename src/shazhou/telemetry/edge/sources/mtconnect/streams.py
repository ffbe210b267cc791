"""Documents of an MTConnect agent: what was observed, or why not.

MTConnectStreams of any version: the header numbers the agent's run (``instanceId``) and the next observation, each
observation has its own number. Observations are given in the order of these numbers, not of the components that they
stand below.
"""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import dataclass

from shazhou.telemetry.edge.source import Reading
from shazhou.telemetry.edge.sources.mtconnect.condition import Conditions
from shazhou.telemetry.edge.sources.mtconnect.model import DataItem, local, parsed
from shazhou.telemetry.edge.sources.mtconnect.shdr import moment, observed
from shazhou.telemetry.edge.sources.mtconnect.state import UNAVAILABLE


class AgentError(Exception):
    """The agent answered with an error document. ``code`` is its code, such as OUT_OF_RANGE."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Streams:
    """One document of observations. ``first`` is the oldest observation that the agent still has."""

    instance: str
    first: int
    next: int
    readings: tuple[Reading, ...]


def streams(document: bytes, items: Mapping[str, DataItem], conditions: Conditions, arrival: int) -> Streams:
    """The document's observations by data item id. Raises AgentError for an error, ValueError for anything else."""
    root = parsed(document)
    if local(root.tag) == "MTConnectError":
        raise _error(root)
    header = next((element for element in root if local(element.tag) == "Header"), None)
    if local(root.tag) != "MTConnectStreams" or header is None:
        raise ValueError(f"expected MTConnectStreams, found {local(root.tag)}")
    elements = [element for element in root.iter() if element.get("dataItemId") and element.get("timestamp")]
    elements.sort(key=lambda element: int(element.get("sequence", "0")))
    return Streams(
        header.get("instanceId", ""),
        int(header.get("firstSequence", "0")),
        int(header.get("nextSequence", "0")),
        tuple(_observation(element, items, conditions, arrival) for element in elements),
    )


def _observation(
    element: ElementTree.Element, items: Mapping[str, DataItem], conditions: Conditions, arrival: int
) -> Reading:
    item_id, at = element.get("dataItemId", ""), moment(element.get("timestamp", ""), arrival)
    item, text = items.get(item_id), element.text or ""
    level = local(element.tag).upper()
    if item is not None and item.category == "CONDITION":
        worst = conditions.worst(item_id, level, element.get("nativeCode", ""))
        return observed(item_id, UNAVAILABLE if worst is None else worst, at, as_number=False)
    entries = {child.get("key", ""): child.text for child in element if local(child.tag) == "Entry"}
    if entries:
        text = json.dumps(entries, ensure_ascii=False)
    return observed(item_id, text, at, as_number=item is not None and item.numeric)


def _error(root: ElementTree.Element) -> AgentError:
    for element in root.iter():
        if element.get("errorCode"):
            return AgentError(element.get("errorCode", ""), (element.text or "").strip())
    return AgentError("UNKNOWN", "error document without error")
