"""Appending: whole or refused, once for each id, readable as of any head and time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import ibis
import pyarrow as pa
import pytest
from ledger_rows import append, complete, delivery, numbered, seen, table

from shazhou.city.problem import Refused
from shazhou.ledger import attempt
from shazhou.ledger import ledger as ledger_module
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.observation import SCHEMA
from shazhou.ledger.submission import GENESIS
from shazhou.ledger.verification import verify


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.create(tmp_path / "ledger")


def rules(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [problem.rule.id for problem in refused.value.problems]


def test_an_empty_ledger_is_at_genesis(ledger: Ledger) -> None:
    assert ledger.head() == GENESIS
    assert ledger.submissions() == ()
    assert seen(ledger) == []
    assert verify(ledger).ok


def test_what_was_appended_is_read_back(ledger: Ledger) -> None:
    first = append(ledger, "a", 2, document=b"original")
    second = append(ledger, "b", 1, first=7)
    assert (first.sequence, first.previous, first.count, first.document_size) == (1, GENESIS, 2, 8)
    assert (second.sequence, second.previous) == (2, first.head)
    assert Ledger.open(ledger.folder).submissions() == (first, second)
    assert seen(ledger) == [(1, 0, Decimal(0)), (1, 1, Decimal(1)), (2, 0, Decimal(7))]
    assert ledger.document(first.document) == b"original"


def test_every_column_comes_back_as_delivered(ledger: Ledger) -> None:
    rows = table(
        [
            {"value": Decimal("-12345678901234567890123456789.123456789"), "note": "a\nb", "qualifier": "≈"},
            {"text": "冶金新材料 'quoted' \"twice\"", "sheet": "表一", "row": 7, "origin": "simulated"},
            {"value": Decimal(0), "text": "", "status": "P", "kind": "forecast"},
        ]
    )
    ledger.append(delivery("a"), rows)
    connection = ibis.duckdb.connect()
    stored = ledger.observations(connection).order_by("position").select(SCHEMA.names)
    assert connection.to_pyarrow(stored).cast(SCHEMA).equals(rows)


def test_the_same_delivery_again_is_the_same_append(ledger: Ledger) -> None:
    first = append(ledger, "a", document=b"original")
    assert append(ledger, "a", document=b"original") == first
    assert append(Ledger.open(ledger.folder), "a", document=b"original") == first
    assert ledger.submissions() == (first,)
    assert len(list(ledger.observation_files.folder.glob("*.parquet"))) == 1
    assert verify(ledger).ok


@pytest.mark.parametrize("change", ["rows", "document"])
def test_the_same_id_with_another_content_is_refused(ledger: Ledger, change: str) -> None:
    first = append(ledger, "a", document=b"original")
    with pytest.raises(Refused) as refused:
        append(ledger, "a", 4 if change == "rows" else 3, document=b"other" if change == "document" else b"original")
    assert rules(refused) == ["submission-conflict"]
    assert ledger.submissions() == (first,)
    assert [path.name for path in ledger.documents.files()] == [first.document]
    assert not list(ledger.documents.folder.glob(".*"))
    assert verify(ledger).ok


def test_refused_observations_leave_nothing_behind(ledger: Ledger) -> None:
    before = sorted(path for path in ledger.folder.rglob("*"))
    for wrong, rule in (
        (numbered(2).drop_columns(["note"]), "observation-schema"),
        (table([{"kind": "guess"}]), "observation-code"),
        (table([{"start": datetime(2022, 1, 1).date()}]), "observation-period"),
        (pa.Table.from_pylist([{"entity": None}], schema=pa.schema([(f.name, f.type) for f in SCHEMA])), ""),
    ):
        with pytest.raises(Refused) as refused:
            ledger.append(delivery("a", b"document"), wrong)
        assert not rule or rules(refused) == [rule]
    assert sorted(path for path in ledger.folder.rglob("*")) == before


def test_an_error_midway_through_the_rows_leaves_nothing_behind(ledger: Ledger) -> None:
    def batches() -> object:
        yield from numbered(100_000).to_batches(1000)
        raise RuntimeError("the reader broke")

    with pytest.raises(RuntimeError):
        ledger.append(delivery("a", b"document"), batches())  # type: ignore[arg-type]
    assert not list(ledger.observation_files.folder.glob("*.parquet"))
    assert not list(ledger.documents.folder.iterdir())
    assert ledger.submissions() == ()


def test_an_attempt_number_is_never_used_twice(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = iter([5, 5, 6, 5, 7])
    monkeypatch.setattr(attempt.secrets, "randbits", lambda bits: next(numbers))
    append(ledger, "a")
    append(ledger, "b")
    assert [each.attempt for each in ledger.submissions()] == [6, 7]
    ledger.compact()
    for file in ledger.observation_files.folder.glob("a-*"):
        file.unlink()
    monkeypatch.setattr(attempt.secrets, "randbits", lambda bits: 5)
    with pytest.raises(Refused) as refused:
        append(ledger, "c")
    assert rules(refused) == ["attempt-taken"]
    assert len(seen(ledger)) == 6
    assert verify(ledger).ok


def test_time_rises_strictly_even_when_the_clock_goes_back(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(datetime(2024, 1, day, tzinfo=UTC) for day in (5, 3, 3, 9))

    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return next(times)

    monkeypatch.setattr(ledger_module, "datetime", Clock)
    recorded = [append(ledger, name).recorded_at for name in "abcd"]
    microsecond = timedelta(microseconds=1)
    fifth = datetime(2024, 1, 5, tzinfo=UTC)
    assert recorded == [fifth, fifth + microsecond, fifth + 2 * microsecond, datetime(2024, 1, 9, tzinfo=UTC)]
    assert verify(ledger).ok
    assert len(ledger.submissions("2024-01-05")) == 3
    assert len(ledger.submissions(fifth)) == 1


@pytest.mark.slow
def test_reading_as_of_every_head_and_time_gives_what_was_there_then(tmp_path: Path) -> None:
    ledger = complete(tmp_path / "ledger")
    chain = ledger.submissions()
    everything = seen(ledger)
    for each in chain:
        then = [row for row in everything if row[0] <= each.sequence]
        assert seen(ledger, each.head) == seen(ledger, each.head[:8].upper()) == seen(ledger, each.recorded_at) == then
        assert ledger.head(each.head) == ledger.head(each.recorded_at) == each.head
        assert ledger.head(each.recorded_at - timedelta(microseconds=1)) == each.previous
    assert seen(ledger, GENESIS) == []


def test_a_folder_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        Ledger.open(tmp_path)
    assert rules(refused) == ["not-a-ledger"]


def test_a_ledger_of_another_format_is_refused(ledger: Ledger) -> None:
    (ledger.folder / "format").write_bytes(b"shazhou ledger 9\n")
    with pytest.raises(Refused) as refused:
        Ledger.open(ledger.folder)
    assert rules(refused) == ["other-format"]


def test_without_its_lock_a_ledger_is_not_written_to(ledger: Ledger) -> None:
    append(ledger, "a")
    ledger.lock.unlink()
    with pytest.raises(Refused) as refused:
        append(Ledger.open(ledger.folder), "b")
    assert rules(refused) == ["lock-lost"]
    assert len(ledger.submissions()) == 1


def test_a_folder_with_something_in_it_does_not_become_a_ledger(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_bytes(b"years of work")
    with pytest.raises(Refused) as refused:
        Ledger.create(tmp_path)
    assert rules(refused) == ["already-a-ledger"]
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


def test_a_ledger_is_not_made_over_one_that_lost_its_format(ledger: Ledger) -> None:
    append(ledger, "a")
    (ledger.folder / "format").unlink()
    with pytest.raises(Refused) as refused:
        Ledger.create(ledger.folder)
    assert rules(refused) == ["already-a-ledger"]


def test_what_somebody_left_who_died_while_making_a_ledger_is_made_anew(ledger: Ledger) -> None:
    (ledger.folder / "format").unlink()
    (ledger.folder / "manifest.jsonl").write_bytes(b"")
    (ledger.submission_files.log / "00000000000000000000.json").write_bytes(b'{"protocol":')
    again = Ledger.create(ledger.folder)
    append(again, "a")
    assert verify(Ledger.open(ledger.folder)).ok


def test_a_ledger_may_lie_anywhere(tmp_path: Path) -> None:
    ledger = complete(tmp_path / "数据 100%" / "账本 #1")
    assert verify(Ledger.open(ledger.folder)).ok


@pytest.mark.slow
def test_a_ledger_survives_more_than_a_hundred_small_appends(ledger: Ledger) -> None:
    for number in range(105):
        append(ledger, f"s{number}", 1, first=number)
    assert [value for _, _, value in seen(ledger)] == list(range(105))
    assert len(ledger.observation_files.names()) <= 64
    assert len(ledger.submission_files.names()) <= 64
    assert verify(Ledger.open(ledger.folder)).ok
