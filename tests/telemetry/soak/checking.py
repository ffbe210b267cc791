"""What a soak left in the store, held against what was taken and sent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc

from shazhou.telemetry.store.store import Store, folder_of

EVER = 1 << 60
SLACK = 1_000
"""Milliseconds by which a node's clock and the host's hearing may differ on one machine that is busy."""


@dataclass
class Result:
    """Counts of samples, but for ``records``."""

    nodes: int = 0
    records: int = 0
    """Records that the buffers numbered."""
    taken: int = 0
    """Samples in them: what is stored and what is lost."""
    stored: int = 0
    repeated: int = 0
    lost: int = 0
    disordered: int = 0
    holes: int = 0
    """Counts that are missing though no kill explains it."""
    sent: int = 0
    """Messages of the third-party node."""
    missing: int = 0
    untold: int = 0
    """Of the missing those outside every gap that was told of."""
    gaps: int = 0
    breaks: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not (self.repeated or self.lost or self.disordered or self.holes or self.untold) and self.stored > 0

    def lines(self) -> Iterator[str]:
        yield f"figures: {len(self.breaks)} breaks, {self.nodes} nodes"
        yield f"taken {self.taken:,} samples in {self.records:,} records"
        yield f"stored {self.stored:,}, repeated {self.repeated}, lost {self.lost}, out of order {self.disordered}"
        yield f"holes in what the machines counted {self.holes}"
        yield f"third-party node: {self.sent:,} messages sent, {self.missing:,} missing in {self.gaps} gaps told of,"
        yield f"  {self.untold} of them in none"


def look(data: Path, taken: Mapping[str, int], tags: int, stranger: str, notes: Path) -> Result:
    """Holds the store against the records that buffers numbered, and a stranger's notes.

    Args:
        taken: by node the number of its newest record.
        tags: samples of each record that is no minute.
    """
    result = Result(nodes=len(taken))
    with Store.open(folder_of(data)) as store:
        for node, last in taken.items():
            _node(result, store, node, last, tags)
        _stranger(result, store, stranger, notes)
    return result


def _node(result: Result, store: Store, node: str, last: int, tags: int) -> None:
    samples, minutes = store.samples(0, EVER, node=node), store.minutes(0, EVER, node=node)
    numbers = samples["sequence"].to_numpy()
    inside = numbers <= last
    minute_numbers = minutes["sequence"].to_numpy()
    seen = np.bincount(numbers[inside], minlength=last + 1)
    folded = np.bincount(minute_numbers[minute_numbers <= last], minlength=last + 1)
    lost = int(((seen + folded)[1:] == 0).sum())
    result.records += last
    result.stored += int(inside.sum())
    # A record is missing whole or in part, or there more than once.
    partial = np.clip(tags - seen[1:], 0, None) * (seen[1:] > 0)
    result.lost += lost * tags + int(partial.sum())
    result.repeated += int(np.clip(seen - tags, 0, None).sum() + np.clip(folded - 1, 0, None).sum())
    result.taken += int(inside.sum()) + lost * tags + int(partial.sum())
    metrics = samples["metric"]
    for metric in pc.unique(metrics).to_pylist():
        rows = samples.filter(pc.equal(metrics, metric)).sort_by("sequence")
        result.disordered += int((np.diff(rows["at"].to_numpy()) < 0).sum())
        result.holes += _holes(rows["integer"].to_numpy())


def _holes(counts: Any) -> int:
    """Steps that are neither one more nor the first count of a later run of the process."""
    million = 1_000_000
    steps = np.diff(counts)
    later = (counts[1:] // million > counts[:-1] // million) & (counts[1:] % million == 1)
    first = 0 if len(counts) == 0 or counts[0] % million == 1 else 1
    return int(((steps != 1) & ~later).sum()) + first


def _stranger(result: Result, store: Store, node: str, notes: Path) -> None:
    lines = [line.split() for line in notes.read_text().splitlines()]
    sent = {int(number): int(at) for number, at in (line for line in lines if len(line) == 2)}
    rows = store.samples(0, EVER, node=node, metric="Tag/000")
    there = {int(value) for value in rows["real"].to_pylist() if value}
    gaps = _gaps(store, node)
    last = max(there, default=0)
    missing = [(number, at) for number, at in sent.items() if number not in there and number < last]
    result.sent, result.missing, result.gaps = len(sent), len(missing), len(gaps)
    result.untold = sum(not any(a - SLACK <= at <= b + SLACK for a, b in gaps) for _, at in missing)


def _gaps(store: Store, node: str) -> list[tuple[int, int]]:
    """When the host says that it may have missed something: gaps, and from the last word before a death on."""
    events = store.events(0, EVER, node=node, kinds=("gap", "death", "stale", "birth")).to_pylist()
    told = [json.loads(each["detail"]) for each in events if each["kind"] == "gap"]
    gaps = [(int(each["from"]), int(each["to"])) for each in told]
    sessions = [each for each in events if each["kind"] != "gap" and not each["device"]]
    for ended, born in pairwise(sessions):
        if ended["kind"] != "birth" and born["kind"] == "birth":
            gaps.append((json.loads(ended["detail"])["since"], born["at"]))
    return gaps
