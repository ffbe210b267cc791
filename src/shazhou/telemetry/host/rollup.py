"""Minutes of nodes that have no agent of ours, made by the host from their samples by the agent's own rules.

A node or device is equipment if it was born with a standard metric (`shazhou.telemetry.names.EQUIPMENT`). Nobody signed
such a minute; it is as good as what lets a node speak at the broker under its name.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np

from shazhou.telemetry.edge.mapping import Measurement
from shazhou.telemetry.edge.rollup import Rollup
from shazhou.telemetry.host.births import NOT_KEPT, Birth
from shazhou.telemetry.host.minutes import can_be, row
from shazhou.telemetry.host.outbox import Outbox
from shazhou.telemetry.host.samples import Columns
from shazhou.telemetry.minute import LENGTH
from shazhou.telemetry.names import EQUIPMENT
from shazhou.telemetry.sparkplug.datatype import DataType
from shazhou.telemetry.sparkplug.payload import BAD

SILENCE, LATENESS = 120_000, 5_000
"""Milliseconds without a sample after which equipment is not available, and after a minute's end until it is closed."""
SLOWLY = 1_000
"""Milliseconds between two looks at which minutes have ended."""

_log = logging.getLogger("shazhou.host")

Equipment = tuple[str, str]
"""Node and device."""


class Rollups:
    """The equipment of all such nodes."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._rollups: dict[Equipment, Rollup] = {}
        self._trusted: dict[Equipment, tuple[bool, str]] = {}
        self._ends: dict[Equipment, int] = {}
        self._metric: dict[int, tuple[Equipment, str, DataType]] = {}
        self._followed = np.zeros(1024, dtype=bool)
        self._looked = 0

    def begin(self, node: str, device: str, birth: Birth, trusted: bool, origin: str, now: int) -> None:
        """Equipment was born. ``trusted``: it is in the register and has no key that would have to sign."""
        standard: dict[str, float | None] = {name: None for name in birth.metrics if name in EQUIPMENT}
        if not standard:
            return
        key = node, device
        known = self._rollups.get(key)
        if known is None:
            self._rollups[key] = Rollup(node, device, standard, SILENCE, LATENESS, now)
        else:
            known.follow(standard)
        self._ends.pop(key, None)
        self._trusted[key] = trusted, origin
        for metric in birth.metrics.values():
            if metric.series != NOT_KEPT:
                self._metric[metric.series] = key, metric.name, metric.datatype
                while metric.series >= len(self._followed):
                    self._followed = np.concatenate([self._followed, np.zeros_like(self._followed)])
                self._followed[metric.series] = True

    def end(self, node: str, device: str, now: int) -> None:
        """Equipment is gone: it is not available, and its minutes end with the one that goes on."""
        rollup = self._rollups.get((node, device))
        if rollup is not None and (node, device) not in self._ends:
            rollup.take(Measurement(device, "State", None, now, BAD), now)
            self._ends[node, device] = now - now % LENGTH + LENGTH + LATENESS

    def take(self, columns: Columns) -> None:
        """Takes the samples that are such equipment's and not historical."""
        if not self._rollups:
            return
        known = np.minimum(columns.series, len(self._followed) - 1)
        chosen = self._followed[known] & (columns.series == known) & ~columns.historical
        for place in np.flatnonzero(chosen).tolist():
            key, name, datatype = self._metric[int(columns.series[place])]
            value: bool | int | float | str | None = columns.text.get(place)
            if columns.is_integer[place]:
                value = int(columns.integer[place])
                value = bool(value) if datatype is DataType.BOOLEAN else value
            elif columns.is_real[place]:
                value = float(columns.real[place])
            at, quality = int(columns.at[place]), int(columns.quality[place])
            self._rollups[key].take(Measurement(key[1], name, value, at, quality), int(columns.received[place]))

    def tick(self, now: int) -> None:
        """Hands out the minutes that have ended."""
        if 0 <= now - self._looked < SLOWLY:
            return
        self._looked = now
        for key, rollup in list(self._rollups.items()):
            try:
                self._hand_out(key, rollup, now)
            except Exception:
                # A mistake of ours with one machine must not stop all others.
                _log.exception("%s/%s: no minutes until it is born again", *key)
                self._outbox.event(now, *key, "quarantined", reason="internal")
                self._ends[key] = now
            if now >= self._ends.get(key, now + 1):
                self._forget(key)

    def enrol(self, trusted: Callable[[str], bool]) -> None:
        """Goes by another register: whether a node is in it and has no key that would have to sign."""
        self._trusted = {key: (trusted(key[0]), origin) for key, (_, origin) in self._trusted.items()}

    def _hand_out(self, key: Equipment, rollup: Rollup, now: int) -> None:
        trusted, origin = self._trusted[key]
        for minute in rollup.close(now):
            if can_be(minute):
                self._outbox.minutes.append(row(minute, now, trusted, False, 0, origin, ""))
            else:
                self._outbox.event(now, minute.node, minute.device, "quarantined", reason="minute-range")

    def _forget(self, key: Equipment) -> None:
        del self._rollups[key], self._trusted[key], self._ends[key]
        for series in [series for series, (whose, _, _) in self._metric.items() if whose == key]:
            del self._metric[series]
            self._followed[series] = False
