"""One gateway speaking for several enterprises: the same hardware, buffer or key, or births and deaths as one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations, pairwise

from shazhou.telemetry.presence.doubt import Doubt
from shazhou.telemetry.presence.doubts.evidence import Evidence
from shazhou.telemetry.presence.sessions import Event, told
from shazhou.telemetry.presence.thresholds import AFTER_STALE, OCCASIONS, OCCASIONS_SHARE, TOGETHER

LOWERS_TO = 2
MARKS = ("gateway", "agent", "key")
"""What a birth says that no two enterprises share."""

AFTER_DEATH = 24 * 3_600_000
"""Milliseconds for which a dead node's gateway is still taken to be its own; later it may have been sold."""


def shared_gateway(evidence: Evidence) -> Iterator[Doubt]:
    """Doubts about all that the nodes concerned say, as long as they share."""
    events = [each for each in told(evidence.events, ("birth", "death", "stale")) if not each.device]
    held = Counter(evidence.keys.values())
    for mark in MARKS:
        for doubt in _shared(mark, events, evidence.span):
            own = evidence.keys.get(doubt.node, "")
            # Whoever names the key of another is not believed; the other is, whose key alone the register says it is.
            if mark != "key" or doubt.evidence["key"] != own or held[own] > 1:
                yield doubt
    yield from _lockstep(events, evidence.span)


def _shared(mark: str, events: list[Event], span: tuple[int, int]) -> Iterator[Doubt]:
    """Nodes whose births give the same mark for the same time."""
    holders: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for value, node, start, stop in _held(mark, events, span[1]):
        holders[value].append((start, stop, node))
    for value, held in sorted(holders.items()):
        if len({node for _, _, node in held}) < 2:
            continue
        for node, start, stop, others in _together(held):
            start, stop = max(start, span[0]), min(stop, span[1])
            if start < stop:
                said = {mark: value[:64], "nodes": sorted(others)[:20], "count": len(others) + 1}
                yield Doubt(node, "", "shared-gateway", start, stop, LOWERS_TO, said)


def _held(mark: str, events: list[Event], end: int) -> Iterator[tuple[str, str, int, int]]:
    """Which node had which value of a mark, from when to when."""
    open_: dict[str, tuple[str, int]] = {}
    died: dict[str, int] = {}

    def close(node: str, at: int) -> Iterator[tuple[str, str, int, int]]:
        value, since = open_.pop(node)
        if value:
            yield value, node, since, min(at, died.get(node, at) + AFTER_DEATH)

    for event in events:
        if event.kind != "birth":
            died.setdefault(event.node, event.at)
            continue
        value = str(event.detail.get(mark) or "")
        if event.node in open_:
            lapsed = event.at > died.get(event.node, event.at) + AFTER_DEATH
            if lapsed or open_[event.node][0] != value:
                yield from close(event.node, event.at)
        died.pop(event.node, None)
        open_.setdefault(event.node, (value, event.at))
    for node in list(open_):
        yield from close(node, end)


def _together(held: list[tuple[int, int, str]]) -> Iterator[tuple[str, int, int, set[str]]]:
    """For every node the time in which others held the same, with these."""
    edges = sorted({moment for start, stop, _ in held for moment in (start, stop)})
    spans: dict[str, tuple[int, int, set[str]]] = {}
    for begin, end in pairwise(edges):
        nodes = {node for start, stop, node in held if start <= begin and end <= stop}
        for node in sorted(spans):
            if node not in nodes or len(nodes) < 2:
                start, stop, others = spans.pop(node)
                yield node, start, stop, others
        if len(nodes) < 2:
            continue
        for node in nodes:
            start, _, others = spans.get(node, (begin, end, set()))
            spans[node] = (start, end, others | (nodes - {node}))
    for node, (start, stop, others) in sorted(spans.items()):
        yield node, start, stop, others


def _lockstep(events: list[Event], span: tuple[int, int]) -> Iterator[Doubt]:
    """Nodes that are born and die in the same moments, again and again."""
    own = list(_own(events))
    count = Counter(event.node for event in own)
    pairs: dict[tuple[str, str], list[int]] = defaultdict(list)
    for moment, nodes in _occasions(own):
        for pair in combinations(sorted(nodes), 2):
            pairs[pair].append(moment)
    partners: dict[str, list[tuple[str, list[int]]]] = defaultdict(list)
    for (first, second), moments in pairs.items():
        enough = OCCASIONS_SHARE * max(count[first], count[second])
        if len(moments) >= OCCASIONS and len(moments) >= enough and moments[-1] >= span[0]:
            partners[first].append((second, moments))
            partners[second].append((first, moments))
    for node, found in sorted(partners.items()):
        occasions = max((moments for _, moments in found), key=len)
        said = {
            "together": len(occasions),
            "of": count[node],
            "nodes": sorted(other for other, _ in found)[:20],
            "examples": occasions[:3],
        }
        yield Doubt(node, "", "shared-gateway", *span, LOWERS_TO, said)


def _own(events: list[Event]) -> Iterator[Event]:
    """Births and deaths that happen of themselves: not asked for by a challenge, not after the host lost its broker,
    when all come at once. A birth that is refused is a node's own doing."""
    stale: dict[str, int] = {}
    for event in events:
        if event.kind == "stale":
            if event.detail.get("why") != "birth-refused":
                stale[event.node] = event.at
        elif not event.detail.get("challenge") and event.at > stale.get(event.node, -AFTER_STALE) + AFTER_STALE:
            yield event


def _occasions(events: Iterable[Event]) -> Iterator[tuple[int, set[str]]]:
    """Moments in which several nodes were born or died, with the nodes; a moment is `TOGETHER` long."""
    for kind in ("birth", "death"):
        start, nodes = 0, set[str]()
        for event in events:
            if event.kind != kind:
                continue
            if event.at - start > TOGETHER:
                if len(nodes) > 1:
                    yield start, nodes
                start, nodes = event.at, set()
            nodes.add(event.node)
        if len(nodes) > 1:
            yield start, nodes
