"""Records played again: real ones, and small ones for the clock."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from listening import now, running
from pydantic import ValidationError
from waiting import awaited

from shazhou.city.problem import Refused
from shazhou.telemetry.edge.config import read_config
from shazhou.telemetry.edge.mapping import TagMapping
from shazhou.telemetry.edge.source import NotReadable, Reading
from shazhou.telemetry.edge.sources.replay import ReplayOptions, ReplaySource
from shazhou.telemetry.names import State

RECORDED = Path(__file__).parents[3] / "examples" / "telemetry"


def source(folder: Path, *tags: str, **options: Any) -> ReplaySource:
    return ReplaySource(ReplayOptions(kind="replay", **options), tags, folder, now)


def played(made: ReplaySource) -> list[Reading]:
    """Everything that a record has, played as fast as it can be read."""

    async def scenario() -> list[Reading]:
        async with running(made) as heard:
            await made.done.wait()
            return list(heard)

    return asyncio.run(scenario())


def small(folder: Path) -> None:
    rows = ("2024-01-02T12:00:00Z,1", "2024-01-02T12:00:10Z,2", "2024-01-02T12:00:09Z,3", "2024-01-02T15:00:00Z,4")
    (folder / "small.csv").write_text("\n".join(("at,x", *rows)) + "\n", encoding="utf-8")


def test_a_steel_plants_year_has_each_quarter_of_an_hour_once_and_in_order() -> None:
    """The dates as published (day and month exchanged up to the 12th, midnight at the end of its day) come right."""
    config = read_config(RECORDED / "steel_plant.yaml")
    options = config.sources["plant"]
    assert isinstance(options, ReplayOptions) and config.origin == "recorded"
    fast = options.model_copy(update={"speed": "max", "times": "recorded"})
    heard = played(ReplaySource(fast, ["Usage_kWh"], RECORDED, now))
    begin = datetime(2017, 12, 31, 15, 15, tzinfo=UTC)
    assert [reading.at for reading in heard] == [
        int(begin.timestamp() * 1000) + quarter * 900_000 for quarter in range(35_040)
    ]
    total = heard[-1].value
    assert isinstance(total, float) and round(total, 2) == 959_636.71


def test_a_lathes_log_is_played_with_its_states() -> None:
    config = read_config(RECORDED / "okuma_lathe.yaml")
    options = config.sources["lathe"]
    assert isinstance(options, ReplayOptions) and config.origin == "recorded"
    fast = options.model_copy(update={"speed": "max", "times": "recorded", "repeat": False})
    heard = played(ReplaySource(fast, TagMapping(config).tags("lathe"), RECORDED, now))
    states = [(reading.at, reading.value) for reading in heard if reading.tag == "State"]
    begun = [at for before, (at, state) in pairwise(states) if state == 3 and before[1] != 3]
    ended = [at for before, (at, state) in pairwise(states) if state != 3 and before[1] == 3]
    seconds = [round((end - begin) / 1000, 1) for begin, end in zip(begun, ended, strict=True)]
    assert seconds == [605.0, 186.7, 16.8, 548.9], "as the log's own ACTIVE and PROGRAM_COMPLETED are apart"
    assert State.NOT_AVAILABLE not in {state for _, state in states}


def test_examples_find_all_their_tags() -> None:
    for name in ("steel_plant.yaml", "okuma_lathe.yaml"):
        config = read_config(RECORDED / name)
        mapping = TagMapping(config)
        for key, options in config.sources.items():
            report = asyncio.run(options.source(mapping.tags(key), RECORDED, now).check())
            assert not report.problems and {sample.tag for sample in report.samples} == set(mapping.tags(key))


def test_new_times_are_as_far_apart_as_it_is_played(tmp_path: Path) -> None:
    small(tmp_path)

    async def scenario() -> None:
        made = source(tmp_path, "x", path="small.csv", rows={"time": "at"}, speed=100, pause=20)
        begun, start = time.monotonic(), now()
        async with running(made) as heard:
            await awaited(lambda: len(heard) == 4)
            took = time.monotonic() - begun
            with pytest.raises(NotReadable, match="no machine"):
                await made.read("x")
        assert 0.25 < took < 2, "10 s and a pause cut to 20 s, a hundred times as fast"
        apart = [reading.at - heard[0].at for reading in heard]
        assert apart == [0, 100, 100, 300] and 0 <= heard[0].at - start < 200

    asyncio.run(scenario())


def test_recorded_times_stay_as_they_are_and_repeat_begins_again(tmp_path: Path) -> None:
    small(tmp_path)

    async def scenario() -> None:
        options = {"path": "small.csv", "rows": {"time": "at"}, "speed": 1e6, "times": "recorded", "repeat": True}
        async with running(source(tmp_path, "x", **options)) as heard:
            await awaited(lambda: len(heard) > 8)
        assert [reading.value for reading in heard[:8]] == [1.0, 2.0, 3.0, 4.0] * 2
        assert heard[1].at == heard[5].at == 1_704_196_810_000

    asyncio.run(scenario())


def test_a_record_that_is_not_there_or_broken_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "broken.csv.gz").write_bytes(b"\x1f\x8b\x08\x00nonsense")
    for path in ("none.csv", "broken.csv.gz"):
        report = asyncio.run(source(tmp_path, "x", path=path).check())
        assert [problem.rule.id for problem in report.problems] == ["source-file-unreadable"]
    small(tmp_path)
    report = asyncio.run(source(tmp_path, "x", "y", path="small.csv", rows={"time": "at"}).check())
    assert [(problem.rule.id, problem.found) for problem in report.problems] == [("tag-not-found", "y")]
    assert asyncio.run(source(tmp_path, path="small.csv").check()).reached[1:] == ("at", "x")


@pytest.mark.parametrize(
    "options", [{"speed": "max"}, {"speed": 0}, {"speed": "max", "times": "recorded", "repeat": True}]
)
def test_speeds_that_make_no_sense_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ReplayOptions(kind="replay", path="x", **options)


def test_a_record_that_is_not_marked_as_one_is_refused(tmp_path: Path) -> None:
    text = (RECORDED / "okuma_lathe.yaml").read_text(encoding="utf-8").replace("origin: recorded", "origin: ''")
    (tmp_path / "edge.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(Refused) as refused:
        read_config(tmp_path / "edge.yaml")
    assert [problem.rule.id for problem in refused.value.problems] == ["edge-record-unmarked"]
