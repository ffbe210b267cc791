"""Rows of files as factories' programs write them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from shazhou.telemetry.edge.source import Reading
from shazhou.telemetry.edge.sources import moments
from shazhou.telemetry.edge.sources.rows import RowFormat, Rows
from shazhou.telemetry.sparkplug.payload import BAD

UTC, SHANGHAI = ZoneInfo("UTC"), ZoneInfo("Asia/Shanghai")
NOON = 1_704_196_800_000
"""2024-01-02 12:00 UTC."""


def read(form: RowFormat, *lines: str, tags: tuple[str, ...] = ("kWh", "text")) -> list[Reading]:
    rows = Rows(form, tags)
    return [reading for line in lines for reading in rows.readings(line.encode(form.encoding.removesuffix("-sig")), 7)]


def test_a_row_gives_a_reading_for_each_tag_at_its_moment() -> None:
    form = RowFormat(time="at")
    assert read(form, "at,kWh,other,text", "2024-01-02T12:00:00Z,1.5,9,x") == [
        Reading("kWh", 1.5, NOON),
        Reading("text", "x", NOON),
    ]


def test_a_german_controllers_file() -> None:
    """Semicolons, decimal commas, thousands with points, dates with points, Latin-1."""
    form = RowFormat(
        delimiter=";",
        decimal=",",
        encoding="latin-1",
        time="Zeit",
        formats=("%d.%m.%Y %H:%M:%S",),
        zone="Europe/Berlin",
    )
    assert read(form, "Zeit;Öltemperatur", "02.01.2024 13:00:00;1.234,5", tags=("Öltemperatur",)) == [
        Reading("Öltemperatur", 1234.5, NOON)
    ]


def test_a_chinese_controllers_file() -> None:
    form = RowFormat(encoding="gb18030", time="时间", formats=("%Y/%m/%d %H:%M",), zone="Asia/Shanghai")
    assert read(form, "时间,油温", "2024/01/02 20:00,55", tags=("油温",)) == [Reading("油温", 55.0, NOON)]


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    rows = Rows(RowFormat(), ("kWh",))
    assert rows.readings(b"\xef\xbb\xbfkWh,b\r\n", 7) == []
    assert rows.readings(b"1,2\r\n", 7) == [Reading("kWh", 1.0, 7)]


def test_no_value_is_bad_and_a_text_stays_one() -> None:
    assert read(RowFormat(columns=("kWh", "text")), "NA,RUN") == [
        Reading("kWh", None, 7, BAD),
        Reading("text", "RUN", 7),
    ]


def test_rows_that_cannot_be_read_are_counted_and_passed_over() -> None:
    rows = Rows(RowFormat(columns=("at", "kWh"), time="at"), ("kWh",))
    for line in (b"2024-01-02T12:00:00Z,1,2", b"someday,1", b"\xff\xfe,1", b"", b"2024-01-02T12:00:00Z"):
        assert rows.readings(line, 7) == []
    assert rows.malformed == 4 and rows.readings(b"2024-01-02T12:00:00Z,1", 7)


def test_amounts_by_row_become_a_meter() -> None:
    form = RowFormat(columns=("kWh",), totals=("kWh",))
    assert [reading.value for reading in read(form, "3", "NA", "4.5", "0")] == [3.0, None, 7.5, 7.5]


def test_midnight_closes_the_day_where_the_meter_means_it_so() -> None:
    at = moments.of_text("2024-01-01 00:00", UTC, ("%Y-%m-%d %H:%M",), midnight_closes=True)
    assert at == moments.of_text("2024-01-02T00:00:00", UTC) == NOON - 12 * 3_600_000
    assert moments.of_text("2024-01-01 00:15", UTC, (), True) == moments.of_text("2024-01-01 00:15", UTC)


def test_counts_since_1970_are_told_apart_by_size() -> None:
    for text in ("1704196800", "1704196800000", "1704196800000000", "1704196800000000000", "1704196800.0"):
        assert moments.of_text(text, UTC) == NOON


def test_a_zone_counts_only_where_the_text_names_none() -> None:
    assert moments.of_text("2024-01-02 20:00", SHANGHAI) == NOON
    assert moments.of_text("2024-01-02T12:00:00.0000000Z", SHANGHAI) == NOON
    assert moments.of_text("2024-01-02T13:00:00,000+01:00", SHANGHAI) == NOON


@pytest.mark.parametrize("text", ["", "12:00", "2024-13-01", "nan", "inf", "1e300"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        moments.of_text(text, UTC)


def test_an_encoding_in_which_lines_do_not_end_with_byte_10_is_refused() -> None:
    with pytest.raises(ValidationError):
        RowFormat(encoding="utf-16")
    with pytest.raises(ValidationError):
        RowFormat(zone="Mars/Olympus")


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00", "9999-12-31T23:59:59"])
def test_a_date_that_stands_for_none_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match="no moment"):
        moments.of_text(text, SHANGHAI, midnight_closes=True)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00", "9999-12-31T23:59:59+14:00", "1e300", "inf", "9" * 400])
def test_a_row_of_a_moment_that_overflows_is_counted_and_ends_nothing(text: str) -> None:
    for closes in (False, True):
        form = RowFormat(columns=("at", "kWh"), time="at", zone="Asia/Shanghai", midnight_closes=closes)
        rows = Rows(form, ("kWh",))
        assert rows.readings(f"{text},1".encode(), 7) == [] and rows.malformed == 1
        assert rows.readings(b"2024-01-02T12:00:00Z,1", 7) == [Reading("kWh", 1.0, NOON)]
