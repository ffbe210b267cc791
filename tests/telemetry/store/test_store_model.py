"""Whatever is added, committed, compacted and opened again: the store holds what a plain list would."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from store_rows import DAY, START, events, minutes, samples

from shazhou.telemetry.store import filing, store
from shazhou.telemetry.store.store import Store

NODES = ("e1", "e2", "e3")
METRICS = ("State", "Tag/温度", "Count/Total")
MOMENTS = st.integers(-2, 3).flatmap(lambda day: st.integers(0, 5).map(lambda at: START + day * DAY + at * 1000))
WILD = st.sampled_from([0, -5, START + 900 * DAY, START - 5000 * DAY, 2**62])
VALUES = st.one_of(
    st.integers(-(2**63), 2**63 - 1).map(lambda value: {"integer": value}),
    st.floats(allow_nan=False).map(lambda value: {"real": value}),
    st.text(max_size=5).map(lambda value: {"text": value}),
    st.just({}),
)
TODAY = st.integers(-2, 5).map(lambda day: date.fromordinal(date(1970, 1, 1).toordinal() + START // DAY + day))


@pytest.fixture(autouse=True, scope="module")
def _small_files() -> Iterator[None]:
    """The tail is moved into Parquet, and files are full, after next to nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "TAIL_FRAMES", 4)
        patch.setattr(filing, "FULL", 12)
        patch.setattr(filing, "MANY", 4)
        yield


class StoreMachine(RuleBasedStateMachine):
    """A store beside lists of its rows; ``pending`` is what the next commit will write."""

    def __init__(self) -> None:
        super().__init__()
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = Path(self.temporary.name) / "city.telemetry"
        self.store = Store.open(self.folder, write=True)
        self.kept: dict[str, list[dict[str, Any]]] = {"samples": [], "minutes": [], "events": []}
        self.pending: dict[str, list[dict[str, Any]]] = {"samples": [], "minutes": [], "events": []}
        self.marks: dict[tuple[str, str], int] = {}
        self.new_marks: dict[tuple[str, str], int] = {}
        self.sequence = 0

    @rule(
        rows=st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from(METRICS), MOMENTS | WILD, VALUES), max_size=6),
        again=st.booleans(),
    )
    def add_samples(self, rows: Sequence[tuple[str, str, int, dict[str, Any]]], again: bool) -> None:
        made = []
        for node, metric, at, value in rows:
            self.sequence += not again
            made.append(
                {"node": node, "metric": metric, "at": at, "received": START, "sequence": self.sequence, **value}
            )
        numbers = [self.store.series(row["node"], "press", row["metric"], 10, origin="simulated") for row in made]
        batch = samples(
            {**{name: row[name] for name in row if name not in ("node", "metric")}, "series": series}
            for row, series in zip(made, numbers, strict=True)
        )
        marks = {(row["node"], "agent"): self.sequence for row in made}
        self.store.add(samples=batch, marks=marks)
        self.pending["samples"] += made
        self.new_marks |= marks

    @rule(node=st.sampled_from(NODES), at=MOMENTS)
    def add_minute_and_event(self, node: str, at: int) -> None:
        self.store.add(minutes=minutes([{"node": node, "at": at}]), events=events([{"node": node, "at": at}]))
        self.pending["minutes"].append({"node": node, "at": at})
        self.pending["events"].append({"node": node, "at": at})

    @rule()
    def commit(self) -> None:
        self.store.commit()
        for kind, rows in self.pending.items():
            self.kept[kind] += rows
            rows.clear()
        self.marks |= self.new_marks
        self.new_marks = {}

    @rule(today=TODAY)
    def compact(self, today: date) -> None:
        self.store.compact(today)
        assert self.store.compact(today).merged == [], "what is compacted stays as it is"

    @rule()
    def open_again(self) -> None:
        self.store.close()
        self.store = Store.open(self.folder, write=True)
        for rows in self.pending.values():
            rows.clear()
        self.new_marks = {}

    @rule(node=st.sampled_from(("", *NODES)), metric=st.sampled_from(("", *METRICS)), start=MOMENTS, stop=MOMENTS)
    def read_some(self, node: str, metric: str, start: int, stop: int) -> None:
        found = self.store.samples(start, stop, node, metric=metric).to_pylist()
        expected = [
            row
            for row in self.kept["samples"]
            if start <= row["at"] < stop and node in ("", row["node"]) and metric in ("", row["metric"])
        ]
        assert sorted(map(_key, found)) == sorted(map(_key, expected))

    @invariant()
    def another_reader_finds_what_was_committed(self) -> None:
        with Store.open(self.folder) as reader:
            found = reader.samples(-(2**63), 2**63 - 1).to_pylist()
            assert [(row["at"], row["sequence"]) for row in found] == sorted((r["at"], r["sequence"]) for r in found)
            assert sorted(map(_key, found)) == sorted(map(_key, self.kept["samples"]))
            for kind, read in (("minutes", reader.minutes), ("events", reader.events)):
                rows = read(-(2**63), 2**63 - 1).to_pylist()
                assert sorted((row["node"], row["at"]) for row in rows) == sorted(
                    (row["node"], row["at"]) for row in self.kept[kind]
                )
            assert reader.marks() == self.marks

    def teardown(self) -> None:
        self.store.close()
        self.temporary.cleanup()


def _key(row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(
        str(row.get(name)) for name in ("node", "metric", "at", "received", "integer", "real", "text", "sequence")
    )


@pytest.mark.parametrize("examples", [pytest.param(3, id="few"), pytest.param(30, id="many", marks=pytest.mark.slow)])
def test_the_store_holds_what_a_list_would(examples: int) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        StoreMachine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
