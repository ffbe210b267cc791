"""What a host that starts knows of the one that ran before it: which sessions it left, and since when nobody listened.

The events are on disk with each commit; what the host said of the present (`Store.live`) tells of the last messages,
but is up to two seconds old, and a session may have begun since.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shazhou.telemetry.store.store import Store

WINDOW = 40 * 86_400_000
"""Milliseconds back to which sessions are looked for; each node is challenged, and so born again, every day."""


@dataclass(frozen=True)
class Before:
    """``open``: by node its last message, where no event ended the session; ``lost``: by node since when nothing was
    heard of it, where its broker was lost; ``clocks``: by node the least difference of clocks that was known, see
    `Lateness`; ``at``: when the host was last known to run, after all of the births. All in milliseconds."""

    at: int = 0
    open: Mapping[str, int] = field(default_factory=dict)
    lost: Mapping[str, int] = field(default_factory=dict)
    clocks: Mapping[str, int] = field(default_factory=dict)


def before_of(store: Store, now: int) -> Before:
    """What the store tells of the host that ran before."""
    live = store.live()
    at, nodes, known = int(live.get("at", 0)), live.get("nodes", {}), live.get("clocks", {})
    open_sessions = {name: int(node["last"]) for name, node in nodes.items() if node["online"]}
    until, lost, clocks = at, dict[str, int](), dict[str, int]()
    for event in store.events(now - WINDOW, now + 1, kinds=("birth", "death", "stale")).to_pylist():
        name = event["node"]
        if event["device"]:
            continue
        open_sessions.pop(name, None)
        lost.pop(name, None)
        detail = json.loads(event["detail"])
        if event["kind"] == "stale":
            lost[name] = detail.get("since", event["at"])
        elif event["kind"] == "birth":
            open_sessions[name] = sent = detail.get("sent", event["at"])
            until = max(until, event["at"] + 1)
            if detail.get("clock") is not None:
                clocks[name] = detail["clock"] - (event["at"] - sent)
            if at > event["at"] and name in nodes:
                # Of a host that was behind this can be before it took the birth.
                open_sessions[name] = int(nodes[name]["last"])
            if at > event["at"] and name in known:
                clocks[name] = int(known[name])
    return Before(until, open_sessions, lost, clocks)
