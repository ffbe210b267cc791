"""A file that goes on growing, as programs write, cut and replace it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from listening import now, running
from waiting import awaited

from shazhou.telemetry.edge.source import NotReadable, Reading
from shazhou.telemetry.edge.sources.csv_tail import CsvOptions, CsvSource
from shazhou.telemetry.sparkplug.payload import BAD


def source(folder: Path, path: str = "log.csv", tags: tuple[str, ...] = ("kWh",), **options: Any) -> CsvSource:
    made = CsvOptions(kind="csv", path=path, interval=0.02, **options)
    return CsvSource(made, tags, folder, now)


def add(file: Path, text: str) -> None:
    with file.open("a", encoding="utf-8") as writing:
        writing.write(text)


def test_only_new_rows_count_from_the_end_and_all_from_the_beginning(tmp_path: Path) -> None:
    async def scenario() -> None:
        file = tmp_path / "log.csv"
        add(file, "kWh\n1\n2\n")
        async with running(source(tmp_path)) as new, running(source(tmp_path, start="beginning")) as all_rows:
            await awaited(lambda: all_rows.of("kWh") == [1.0, 2.0])
            add(file, "3\n")
            await awaited(lambda: new.of("kWh") and len(all_rows.of("kWh")) == 3)
        assert new.of("kWh") == [3.0] and all_rows.of("kWh") == [1.0, 2.0, 3.0]

    asyncio.run(scenario())


def test_half_a_row_waits_for_its_other_half(tmp_path: Path) -> None:
    """12 was read where 1234 was being written."""

    async def scenario() -> None:
        file = tmp_path / "log.csv"
        add(file, "kWh,x\n")
        async with running(source(tmp_path, start="beginning")) as heard:
            add(file, "12")
            await asyncio.sleep(0.1)
            assert heard.of("kWh") == []
            add(file, "34,5\n")
            await awaited(lambda: heard.of("kWh") == [1234.0])

    asyncio.run(scenario())


def test_a_file_that_was_cut_is_read_from_its_beginning(tmp_path: Path) -> None:
    async def scenario() -> None:
        file = tmp_path / "log.csv"
        add(file, "kWh\n1\n2\n3\n")
        async with running(source(tmp_path, start="beginning")) as heard:
            await awaited(lambda: len(heard) == 3)
            file.write_text("kWh\n8\n", encoding="utf-8")
            await awaited(lambda: len(heard.of("kWh")) == 4)
        assert heard.of("kWh") == [1.0, 2.0, 3.0, 8.0]

    asyncio.run(scenario())


def test_a_file_replaced_under_its_name_is_read_to_its_end_first(tmp_path: Path) -> None:
    async def scenario() -> None:
        file = tmp_path / "log.csv"
        add(file, "kWh\n")
        async with running(source(tmp_path, start="beginning")) as heard:
            add(file, "1\n")
            await awaited(lambda: heard.of("kWh") == [1.0])
            file.rename(tmp_path / "log.csv.1")
            add(tmp_path / "log.csv.1", "2\n")
            add(file, "x,kWh\n0,3\n")
            await awaited(lambda: len(heard.of("kWh")) == 3)
        assert heard.of("kWh") == [1.0, 2.0, 3.0]

    asyncio.run(scenario())


def test_a_file_for_each_day_is_followed_from_one_to_the_next(tmp_path: Path) -> None:
    async def scenario() -> None:
        add(tmp_path / "log-0101.csv", "kWh\n")
        async with running(source(tmp_path, "log-*.csv", start="beginning")) as heard:
            add(tmp_path / "log-0101.csv", "1\n")
            await awaited(lambda: heard.of("kWh") == [1.0])
            add(tmp_path / "log-0102.csv", "kWh\n2\n")
            await awaited(lambda: len(heard.of("kWh")) == 2)
        assert heard.of("kWh") == [1.0, 2.0]

    asyncio.run(scenario())


def test_a_file_that_comes_later_is_waited_for_and_read_whole(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running(source(tmp_path)) as heard:
            await awaited(lambda: heard.quality("kWh") == BAD)
            add(tmp_path / "log.csv", "kWh\n1\n")
            await awaited(lambda: heard.of("kWh"))
        assert heard.of("kWh") == [1.0]

    asyncio.run(scenario())


def test_a_file_that_was_away_for_a_while_is_not_read_twice(tmp_path: Path) -> None:
    """A network share that was lost brought back the whole month."""

    async def scenario() -> None:
        file = tmp_path / "share" / "log.csv"
        file.parent.mkdir()
        add(file, "kWh\n1\n")
        async with running(source(tmp_path, "share/log.csv", start="beginning")) as heard:
            await awaited(lambda: heard.of("kWh") == [1.0])
            file.parent.rename(tmp_path / "away")
            await awaited(lambda: heard.quality("kWh") == BAD)
            add(tmp_path / "away" / "log.csv", "2\n")
            (tmp_path / "away").rename(file.parent)
            await awaited(lambda: len(heard.of("kWh")) > 1)
        assert heard.of("kWh") == [1.0, 2.0]

    asyncio.run(scenario())


def test_a_session_that_broke_lost_the_rows_it_had_read_and_not_handed_on(tmp_path: Path) -> None:
    """The row that broke it counts as read, so that it does not break each session after it."""

    async def scenario() -> None:
        add(tmp_path / "log.csv", "kWh\n1\n2\n3\n4\n")
        heard: list[object] = []

        def emit(reading: Reading) -> None:
            if reading.value == 2.0:
                raise OSError("the buffer's disk is full")
            heard.append(reading.value)

        task = asyncio.create_task(source(tmp_path, start="beginning").run(emit))
        await awaited(lambda: 4.0 in heard)
        task.cancel()
        assert [value for value in heard if value is not None] == [1.0, 3.0, 4.0]

    asyncio.run(scenario())


def test_a_row_from_before_the_question_answered_it(tmp_path: Path) -> None:
    """A file keeps what a machine wrote last; only what it writes after being asked says that it is there."""

    async def scenario() -> None:
        file, made = tmp_path / "log.csv", source(tmp_path, rows={"time": "at"})
        with pytest.raises(NotReadable):
            await made.read("kWh")
        add(file, "at,kWh\n" + "".join(f"{now() - 1000},{number}\n" for number in range(20_000)))
        asked = asyncio.create_task(made.read("kWh"))
        await asyncio.sleep(0.2)
        assert not asked.done()
        add(file, f"{now()},99\n{now()},1")
        assert (await asked).value == 99.0
        with pytest.raises(NotReadable):
            await made.read("nothing")
        with pytest.raises(NotReadable, match="without times"):
            await source(tmp_path).read("kWh")

    asyncio.run(scenario())


def test_an_old_row_of_a_clock_that_is_ahead_answered_the_question(tmp_path: Path) -> None:
    """Local time that is read as UTC is eight hours later than the question in Shanghai."""

    async def scenario() -> None:
        ahead, file = 8 * 3_600_000, tmp_path / "log.csv"
        add(file, f"at,kWh\n{now() + ahead},1\n")
        asked = asyncio.create_task(source(tmp_path, rows={"time": "at"}).read("kWh"))
        await asyncio.sleep(0.2)
        assert not asked.done()
        add(file, f"{now() + ahead},2\n")
        assert (await asked).value == 2.0

    asyncio.run(scenario())


def test_a_meter_summed_from_rows_was_read_as_its_last_row(tmp_path: Path) -> None:
    """The samples said the sum, so that an honest enterprise failed its challenge."""

    async def scenario() -> None:
        add(tmp_path / "log.csv", f"at,kWh\n{now() + 60_000},5\n")
        with pytest.raises(NotReadable, match="sum"):
            await source(tmp_path, rows={"time": "at", "totals": ("kWh",)}).read("kWh")

    asyncio.run(scenario())


def test_check_says_which_columns_there_are_and_which_not(tmp_path: Path) -> None:
    async def scenario() -> None:
        report = await source(tmp_path).check()
        assert [problem.rule.id for problem in report.problems] == ["source-file-unreadable"]
        add(tmp_path / "log.csv", "at,kWh\n2024-01-02T12:00:00Z,5\n")
        report = await source(tmp_path, tags=("kWh", "none"), rows={"time": "at"}).check()
        assert [(problem.rule.id, problem.found) for problem in report.problems] == [("tag-not-found", "none")]
        assert [(sample.value, sample.at) for sample in report.samples] == [(5.0, 1_704_196_800_000)]
        assert (await source(tmp_path, tags=()).check()).reached[1:] == ("at", "kWh")

    asyncio.run(scenario())
