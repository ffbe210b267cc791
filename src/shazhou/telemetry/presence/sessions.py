"""When a node was speaking: born and not dead, its sequence unbroken."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shazhou.telemetry.minute import LENGTH
from shazhou.telemetry.presence.frame import HOUR, Frame
from shazhou.telemetry.presence.grid import Floats, Mask

SESSION = ("birth", "death", "stale", "gap")
"""Kinds of events that tell sessions; those from before a span tell who was born already."""

OF_THE_HOST = ("stale", "rebirth-asked", "challenge", "challenge-failed")
"""Kinds of events that happen without a word of the node that was understood."""

_ORDER = {"death": 0, "stale": 0, "birth": 1}


class Event(NamedTuple):
    """An event with its detail read."""

    at: int
    node: str
    device: str
    kind: str
    detail: dict[str, Any]


def told(events: pa.Table, kinds: Collection[str]) -> list[Event]:
    """Events of some kinds in order of time; at the same moment a death comes before a birth."""
    chosen = events.filter(pc.is_in(events["kind"], value_set=pa.array(list(kinds), pa.string())))
    found = [
        Event(row["at"], row["node"], row["device"], row["kind"], _read(row["detail"])) for row in chosen.to_pylist()
    ]
    return sorted(found, key=lambda each: (each.at, _ORDER.get(each.kind, 2), each.node, each.device, each.kind))


def numbers(events: pa.Table, kind: str, *names: str) -> tuple[pa.Table, list[Floats]]:
    """The events of a kind whose detail holds numbers under all names, and these numbers; for kinds that are many."""
    chosen = events.filter(pc.equal(events["kind"], kind))
    found = [pc.extract_regex(chosen["detail"], rf'"{name}": ?(?P<number>-?[0-9.eE+-]+)') for name in names]
    known = np.logical_and.reduce([pc.is_valid(each).to_numpy() for each in found])
    read = [pc.struct_field(each.filter(pa.array(known)), "number").cast(pa.float64()).to_numpy() for each in found]
    return chosen.filter(pa.array(known)), read


def sessions(events: list[Event], stop: int) -> Iterator[tuple[str, int, int]]:
    """Nodes with the times from birth to death (or to when the host lost sight of them), in order of their ends."""
    born: dict[str, int] = {}
    for event in events:
        if event.device:
            continue
        if event.kind == "birth":
            born.setdefault(event.node, event.at)
        elif event.kind in ("death", "stale") and event.node in born:
            yield event.node, born.pop(event.node), event.at
    for node, since in born.items():
        yield node, since, max(stop, since)


def speaking(frame: Frame, minutes: pa.Table, events: pa.Table) -> Mask:
    """Enterprises x minutes in which a node spoke: a session without gap, or a minute or pulse of ours about it.

    A minute of ours that came is one that was told after a valid birth, in its order, also where it was stored and
    forwarded; it counts for the time that it describes.
    """
    mask = frame.none()
    happened = told(events, SESSION)
    for node, begin, end in sessions(happened, frame.start + frame.hours * HOUR):
        if node in frame.row:
            frame.set(mask, frame.row[node], begin, end)
    for event in happened:
        if event.kind == "gap" and event.node in frame.row and not event.device:
            begin, end = event.detail.get("from", event.at), event.detail.get("to", event.at)
            frame.set(mask, frame.row[event.node], begin, end, False)
    _mark(mask, frame, minutes["node"], minutes["at"].to_numpy())
    pulses, (moments, times) = numbers(events, "pulse", "minute", "times")
    read = times >= 1
    _mark(mask, frame, pulses.filter(pa.array(read))["node"], moments[read].astype(np.int64))
    return mask


def heard(frame: Frame, minutes: pa.Table, events: pa.Table, speaks: Mask) -> Mask:
    """Enterprises x hours in which anything was heard of a node."""
    mask = frame.by_hour(speaks) > 0
    from_nodes = events.filter(pc.invert(pc.is_in(events["kind"], value_set=pa.array(OF_THE_HOST))))
    for rows, moments in (
        (frame.rows(from_nodes["node"]), from_nodes["at"].to_numpy()),
        (frame.rows(minutes["node"]), minutes["received"].to_numpy()),
    ):
        hour = (moments - frame.start) // HOUR
        inside = (rows >= 0) & (hour >= 0) & (hour < frame.hours)
        mask[rows[inside], hour[inside]] = True
    return mask


def _mark(mask: Mask, frame: Frame, nodes: pa.ChunkedArray, moments: Any) -> None:
    rows, column = frame.rows(nodes), (moments - frame.start) // LENGTH
    inside = (rows >= 0) & (column >= 0) & (column < mask.shape[1])
    mask[rows[inside], column[inside]] = True


def _read(detail: str) -> dict[str, Any]:
    read = json.loads(detail) if detail else {}
    return read if isinstance(read, dict) else {}
