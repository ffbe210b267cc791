"""All doubts about what came in a span of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa

from shazhou.city.calendar import Calendar
from shazhou.telemetry.presence.digests import Past, by_digest, by_meter
from shazhou.telemetry.presence.doubt import Doubt
from shazhou.telemetry.presence.doubts.clock import clock
from shazhou.telemetry.presence.doubts.clone import clone
from shazhou.telemetry.presence.doubts.counted import seq_duplicates, unsigned
from shazhou.telemetry.presence.doubts.echo import echo
from shazhou.telemetry.presence.doubts.evidence import Evidence
from shazhou.telemetry.presence.doubts.gateway import shared_gateway
from shazhou.telemetry.presence.doubts.regular import regular
from shazhou.telemetry.presence.doubts.replay import replay
from shazhou.telemetry.presence.doubts.series import matches
from shazhou.telemetry.presence.doubts.still import cached, frozen
from shazhou.telemetry.presence.grid import Grid
from shazhou.telemetry.presence.hum import hum_of

DETECTORS = (cached, frozen, regular, echo, shared_gateway, clock, seq_duplicates, unsigned)
"""Those that need nothing but the span; clone and replay share what they look up in the past."""


def doubts_of(
    minutes: pa.Table,
    events: pa.Table,
    calendars: Mapping[str, Calendar],
    span: tuple[int, int],
    past: Past | None = None,
    keys: Mapping[str, str] | None = None,
) -> list[Doubt]:
    """Every doubt that the evidence raises about a day, ordered by node, device, start and kind.

    Args:
        minutes: schema MINUTES; rows outside the span are not looked at.
        events: schema EVENTS; may begin before the span, so that who was born earlier is known.
        calendars: working hours by node.
        span: beginning and end of the day in milliseconds.
        past: prints of other days; the day's own are added to it.
        keys: enrolled keys by node.
    """
    remembered = past if past is not None else Past()
    evidence = Evidence(Grid.of(minutes, span), events, span, calendars, remembered, keys or {})
    found = [doubt for detect in DETECTORS for doubt in detect(evidence)]
    found += _series(evidence)
    remembered.of("hum").keep(evidence.day, hum_of(evidence.grid))
    return sorted(found, key=lambda doubt: (doubt.node, doubt.device, doubt.start, doubt.kind, doubt.stop))


def _series(evidence: Evidence) -> list[Doubt]:
    """Clones and replays by their digests, and by their meters where digests do not tell of the same."""
    found: dict[tuple[str, str, str], list[Doubt]] = {}
    for kind, prints in (("digest", by_digest), ("meter", by_meter)):
        seen, past = prints(evidence.grid), evidence.past.of(kind)
        matched = matches(seen, past, evidence.day)
        past.keep(evidence.day, seen)
        told: dict[tuple[str, str, str], list[Doubt]] = {}
        for doubt in (*clone(seen, matched, evidence.span), *replay(seen, matched, evidence.span)):
            said = replace(doubt, evidence={**doubt.evidence, "by": kind})
            told.setdefault((doubt.node, doubt.device, doubt.kind), []).append(said)
        found = told | found
    return [doubt for several in found.values() for doubt in several]
