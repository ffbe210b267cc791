"""Verdicts of presence against the truth: factories, faults and frauds that the detectors were not made with.

    python bench/telemetry_verdicts.py [factories] [days] [--seed N] [--frauds SHARE] [--faults SHARE]
        [--passed FIRST:LAST] [--decoded FACTORIES]

Five hundred factories for thirty days of minutes, as the host stores them: shift calendars, maintenance, breakdowns,
outages with store and forward, restarts of the host; a quarter of the factories has a fault, a quarter cheats. Every
hour of working time is labelled by what really was read of the machines, under the same rule (60 % of the hour's
working time). Printed are precision and recall of online hours (level 3 and above), overall and where there are faults
(goal: 0.99 each), how many of each fraud are found, how long each fault takes, and the same for three other rules: any
message within the last ten minutes, a session with the broker, born and not dead.

The detectors were written and their thresholds (`presence/thresholds.py`) fixed with other seeds and other ranges of
the generator (``--development``) than those measured with; docs/telemetry/presence.md says what was mended afterwards.
The generator shares no code with them, nor with the fleet.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from verdicts import measure
from verdicts.decoded import decoded
from verdicts.factories import DAY, FIRST, MINUTE, City, T
from verdicts.passed import Passing
from verdicts.ranges import DEVELOPMENT, TEST, Ranges
from verdicts.troubles import FAULTS, Memory, Trouble, apply, troubles_of
from verdicts.wire import Wire

from shazhou.city.model import PresenceRule
from shazhou.telemetry.presence.digests import Past
from shazhou.telemetry.presence.doubts.all import doubts_of
from shazhou.telemetry.presence.hours import hours_of
from shazhou.telemetry.store.schema import MINUTES

BEFORE = 4
"""Days of minutes before the day that is played second by second, a Friday."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("factories", nargs="?", type=int, default=500)
    parser.add_argument("days", nargs="?", type=int, default=30)
    parser.add_argument("--seed", type=int, default=20270301)
    parser.add_argument("--development", action="store_true", help="the ranges that the detectors were made with")
    parser.add_argument("--decoded", type=int, default=0, help="factories of which a day is played second by second")
    parser.add_argument("--passed", type=_factories, default=range(0), help="factories whose minutes pass the decoder")
    parser.add_argument("--at-least", type=float, default=0.0, help="fail where precision or recall on faults is lower")
    parser.add_argument("--faults", type=float, default=0.25)
    parser.add_argument("--frauds", type=float, default=0.25)
    options = parser.parse_args()
    ranges = DEVELOPMENT if options.development else TEST
    city = City.of(options.factories, options.days, options.seed, ranges)
    troubles = troubles_of(city, options.days, options.faults, options.frauds)
    wire = Wire(city, troubles, options.days)
    run = _Run(city, troubles, wire, Passing(city, options.passed))
    with tempfile.TemporaryDirectory() as folder:
        run.judge(options.days, Past(Path(folder)))
    faulty = run.report()
    if min(faulty.precision, faulty.recall) < options.at_least:
        raise SystemExit(f"on faults: {faulty}")
    if options.decoded:
        played(options.decoded, options.seed, ranges)


def _factories(text: str) -> range:
    """Factories from the first until before the last: 0:250."""
    first, _, last = text.partition(":")
    return range(int(first), int(last))


def played(factories: int, seed: int, ranges: Ranges) -> None:
    """One day of samples at 1 s, rolled up, signed, encoded and decoded before it is judged, after days of minutes by
    which the machines are known. All faults begin on that day. What is played has digests of its own, so that
    copies of earlier days are known by their meters at most."""
    city = City.of(factories, BEFORE + 1, seed + 1, ranges)
    troubles = [_begun(city, each) for each in troubles_of(city, BEFORE + 1, 0.4, 0.2)]
    wire, memory = Wire(city, troubles, BEFORE + 1), Memory(city, troubles)
    calendars = dict(zip(city.nodes, city.calendars, strict=True))
    with tempfile.TemporaryDirectory() as folder:
        past = Past(Path(folder))
        for day in range(BEFORE):
            data = city.honest(day, city.working(day))
            seen = apply(city, day, data, troubles, memory)
            doubts_of(wire.minutes(day, data, seen), wire.events(day), calendars, _span(day), past)
        working = city.working(BEFORE)
        data = city.honest(BEFORE, working)
        seen = apply(city, BEFORE, data, troubles, memory)
        began = time.perf_counter()
        minutes, events, samples = decoded(city, BEFORE, data, seen, troubles)
        took = time.perf_counter() - began
        doubts = doubts_of(minutes, events, calendars, _span(BEFORE), past)
    hours, _ = hours_of(minutes, events, calendars, city.nodes, PresenceRule(), doubts, _span(BEFORE))
    truth = np.zeros((len(city.nodes), T), dtype=bool)
    np.logical_or.at(truth, city.machines.factory, seen["truth"] & seen["there"])
    level = hours["level"].to_numpy().reshape(len(city.nodes), 24)
    counted = working.reshape(len(working), -1, 60).any(axis=2)
    label, said = measure.share(truth, working) & counted, (level >= 3) & counted
    print(f"\none day of {samples:,} samples at 1 s, rolled up, signed, sent and decoded in {took:.0f} s")
    for group, chosen in measure.groups(troubles, len(city.nodes)).items():
        print(f"  {group:32} {measure.Score.of(said[chosen], label[chosen])}")
    for kind, (wrong, missed) in measure.errors(troubles, said, label).items():
        print(f"  {kind:24} {wrong:6} {missed:6}")
    kind_of = {city.nodes[each.factory]: each.kind for each in troubles}
    counts = Counter((kind_of.get(each.node, "honest"), each.kind) for each in doubts)
    for (kind, doubt), count in sorted(counts.items()):
        print(f"  {kind:24} {doubt:16} {count:6}")


def _begun(city: City, trouble: Trouble) -> Trouble:
    """A fault that begins in the first half of the day that is played, and lasts."""
    if trouble.kind not in FAULTS:
        return trouble
    return replace(trouble, start=BEFORE * T + int(city.rng.integers(0, T // 2)), stop=(BEFORE + 1) * T)


def _span(day: int) -> tuple[int, int]:
    return FIRST + day * DAY, FIRST + (day + 1) * DAY


class _Run:
    """The judged days, as factories x hours and factories x minutes."""

    def __init__(self, city: City, troubles: list[Any], wire: Wire, passing: Passing) -> None:
        self.city, self.troubles, self.wire, self.passing = city, troubles, wire, passing
        self.level: list[Any] = []
        self.truth: list[Any] = []
        self.working: list[Any] = []
        self.traffic: list[Any] = []
        self.kinds: Counter[tuple[str, str]] = Counter()
        self.seconds = {"made": 0.0, "judged": 0.0}
        self.rows = 0

    def judge(self, days: int, past: Past) -> None:
        city = self.city
        memory = Memory(city, self.troubles)
        calendars = dict(zip(city.nodes, city.calendars, strict=True))
        kind_of = {city.nodes[each.factory]: each.kind for each in self.troubles}
        carried = MINUTES.empty_table()
        arrivals = np.zeros((len(city.nodes), days * T), dtype=bool)
        for day in range(days):
            began = time.perf_counter()
            working = city.working(day)
            data = city.honest(day, working)
            seen = apply(city, day, data, self.troubles, memory)
            sent = self.passing.through(self.wire.minutes(day, data, seen))
            minutes = pa.concat_tables([carried, sent])
            events = self.wire.events(day)
            span = _span(day)
            carried = minutes.filter(pa.array(minutes["at"].to_numpy() >= span[1]))
            made = time.perf_counter()
            doubts = doubts_of(minutes, events, calendars, span, past)
            hours, _ = hours_of(minutes, events, calendars, city.nodes, PresenceRule(), doubts, span)
            judged = time.perf_counter()
            self.seconds["made"] += made - began
            self.seconds["judged"] += judged - made
            self.rows += sent.num_rows
            self.level.append(hours["level"].to_numpy().reshape(len(city.nodes), 24))
            self.working.append(working)
            truth = np.zeros((len(city.nodes), T), dtype=bool)
            np.logical_or.at(truth, city.machines.factory, seen["truth"] & seen["there"])
            self.truth.append(truth)
            _mark(arrivals, minutes)
            for each in doubts:
                self.kinds[kind_of.get(each.node, "honest"), each.kind] += 1
            took = sum(self.seconds.values())
            print(f"day {day + 1} of {days}: {self.rows:,} minutes, {took:.0f} s", file=sys.stderr, flush=True)
        self.arrivals = arrivals

    def report(self) -> measure.Score:
        """Prints everything; gives the score of the factories with faults."""
        level, working, truth = (np.concatenate(each, axis=1) for each in (self.level, self.working, self.truth))
        counted = working.reshape(len(working), -1, 60).any(axis=2)
        label = measure.share(truth, working)
        said = {
            "presence": (level >= 3) & counted,
            "any traffic within 10 minutes": measure.share(_within(self.arrivals, 10), working),
            "session with the broker": measure.share(self.wire.connected, working),
            "Sparkplug birth and death": measure.share(_born(self.wire, working.shape[1]), working),
        }
        print(f"{len(self.city.nodes)} factories, {len(self.city.machines.factory)} machines, {self.rows:,} minutes;"
              f" {int(counted.sum()):,} working hours, {int(label.sum()):,} of them online")  # fmt: skip
        if passed := self.passing.factories:
            print(
                f"{self.passing.minutes:,} minutes of factories {passed.start} to {passed.stop - 1}"
                " passed the decoder unchanged"
            )
        print(f"made in {self.seconds['made']:.0f} s, judged in {self.seconds['judged']:.0f} s")
        for group, chosen in measure.groups(self.troubles, len(self.city.nodes)).items():
            print(f"\n{group}: {int(chosen.sum())} factories")
            for rule, online in said.items():
                print(f"  {rule:32} {measure.Score.of(online[chosen], (label & counted)[chosen])}")
        print("\nhours wrongly called online, and missed, by what the factory was")
        for kind, (wrong, missed) in measure.errors(self.troubles, said["presence"], label & counted).items():
            print(f"  {kind:24} {wrong:6} {missed:6}")
        print("\nfrauds: factories, found (half of the hours), hours lowered, stopped (nine tenths)")
        for kind, (several, caught, lowered, stopped) in measure.frauds(self.troubles, level, counted).items():
            print(f"  {kind:24} {several:4} {caught:4} {lowered:8.1%} {stopped:4}")
        print("\nfaults: minutes until the end of the first hour not called online: median, longest, never")
        for kind, found in measure.delays(self.troubles, level, label, counted).items():
            known = [each for each in found if np.isfinite(each)]
            middle, longest = (np.median(known), max(known)) if known else (np.inf, np.inf)
            print(f"  {kind:24} {middle:6.0f} {longest:6.0f} {len(found) - len(known):4} of {len(found)}")
        print("\ndoubts by what the factory was (figures: doubts raised)")
        for (kind, doubt), count in sorted(self.kinds.items()):
            print(f"  {kind:24} {doubt:16} {count:6}")
        chosen = measure.groups(self.troubles, len(self.city.nodes))["faulty only"]
        return measure.Score.of(said["presence"][chosen], (label & counted)[chosen])


def _mark(arrivals: Any, minutes: pa.Table) -> None:
    """Marks the minutes in which something of a factory arrived."""
    names = minutes["node"].combine_chunks().dictionary_encode()
    rows = np.array([int(each[1:]) for each in names.dictionary.to_pylist()])[names.indices.to_numpy()]
    column = (minutes["received"].to_numpy() - FIRST) // MINUTE
    inside = (column >= 0) & (column < arrivals.shape[1])
    arrivals[rows[inside], column[inside]] = True


def _within(arrivals: Any, minutes: int) -> Any:
    result = arrivals.copy()
    for back in range(1, minutes):
        result[:, back:] |= arrivals[:, :-back]
    return result


def _born(wire: Wire, length: int) -> Any:
    """Factories x minutes between a birth and a death; the host's own restarts are not held against a node."""
    born = np.zeros((len(wire.city.nodes), length), dtype=bool)
    since: dict[int, int] = {}
    for row in wire.sessions.to_pylist():
        factory, minute = int(row["node"][1:]), max((row["at"] - FIRST) // MINUTE, 0)
        if row["kind"] == "birth":
            since.setdefault(factory, minute)
        elif row["kind"] == "death" and factory in since:
            born[factory, since.pop(factory) : minute] = True
    for factory, minute in since.items():
        born[factory, minute:] = True
    return born


if __name__ == "__main__":
    main()
