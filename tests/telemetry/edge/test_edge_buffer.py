"""The buffer against a model of it, and against being killed."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shazhou.city.problem import Refused
from shazhou.telemetry.edge.buffer import OVERHEAD, Buffer, Described, Kind, depth_of
from shazhou.telemetry.sparkplug.datatype import DataType

MOST, AGE = 2_000, 1_000_000
"""Bytes and milliseconds; small, so that both bounds are met all the time."""


def opened(path: Path, most: int = 10**9, age: int = 10**12) -> Buffer:
    return Buffer(path / "buffer.sqlite", most, age)


class Modelled(RuleBasedStateMachine):
    """Every step is done to the buffer and to lists; a crash forgets what was not committed."""

    def __init__(self) -> None:
        super().__init__()
        self.path = Path(os.environ["BUFFER_TEST"]) / os.urandom(8).hex()
        self.buffer = opened(self.path, MOST, AGE)
        self.agent, self.now, self.looked = self.buffer.agent, 0, None
        self.records: list[tuple[int, Kind, int, bytes]] = []
        self.pending: list[tuple[Kind, int, bytes]] = []
        self.last = self.confirmed = self.confirmed_on_disk = 0

    @rule(kind=st.sampled_from(Kind), size=st.integers(0, 300))
    def append(self, kind: Kind, size: int) -> None:
        body = os.urandom(size)
        self.buffer.append(kind, "press", self.now, body)
        self.pending.append((kind, self.now, body))

    @rule(number=st.integers(0, 60))
    def confirm(self, number: int) -> None:
        assert self.buffer.confirm(number) == (number <= self.last)
        if number <= self.last:
            self.confirmed = max(self.confirmed, number)

    @rule(later=st.integers(0, 400_000))
    def commit(self, later: int) -> None:
        self.now += later
        self.buffer.commit(self.now)
        for kind, taken, body in self.pending:
            self.last += 1
            self.records.append((self.last, kind, taken, body))
        self.pending, self.confirmed_on_disk = [], self.confirmed
        self.records = [each for each in self.records if each[0] > self.confirmed]
        if self.looked is None or self.now - self.looked >= 60_000:
            self.looked = self.now
            oldest_raw = self.now - AGE
            self.records = [each for each in self.records if each[1] != Kind.RAW or each[2] >= oldest_raw]
        while sum(len(body) + OVERHEAD for *_, body in self.records) > MOST:
            raw = [each for each in self.records if each[1] == Kind.RAW]
            self.records.remove((raw or self.records)[0])

    @rule()
    def crash(self) -> None:
        """The file is used again from what is on disk; nothing is closed in an orderly way."""
        os.close(self.buffer._lock)
        self.buffer._read.close()
        self.buffer._sql.close()
        self.buffer = opened(self.path, MOST, AGE)
        self.pending, self.looked, self.confirmed = [], None, self.confirmed_on_disk

    @precondition(lambda self: self.last)
    @rule()
    def an_old_copy(self) -> None:
        assert not self.buffer.confirm(self.last + 1)

    @invariant()
    def the_same(self) -> None:
        assert (self.buffer.agent, self.buffer.last, self.buffer.confirmed) == (self.agent, self.last, self.confirmed)
        expected, previous = [], self.confirmed
        for number, _, taken, body in self.records:
            if number > self.confirmed:
                expected.append((number, previous, taken, body))
                previous = number
        found = self.buffer.after(0, 10_000)
        assert [(each.number, each.previous, each.taken, each.body) for each in found] == expected
        assert self.buffer.depth().bytes == sum(len(body) + OVERHEAD for *_, body in self.records)
        if expected:
            half = len(expected) // 2
            assert self.buffer.after(expected[half][0], 3) == found[half + 1 : half + 4]

    def teardown(self) -> None:
        self.buffer.close()


Modelled.TestCase.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)


@pytest.fixture
def folder_of_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUFFER_TEST", str(tmp_path))


@pytest.mark.usefixtures("folder_of_models")
class TestModelled(Modelled.TestCase):  # type: ignore[misc]
    pass


def filled(folder: Path, kinds: str, most: int = 10**9, age: int = 10**12) -> Buffer:
    """A buffer with a record of 100 bytes per letter: r for raw values, m for a minute."""
    made = opened(folder, most, age)
    for place, letter in enumerate(kinds):
        made.append(Kind.RAW if letter == "r" else Kind.ROLLUP, "press", place, bytes(100))
    made.commit(len(kinds))
    return made


def numbers(buffer: Buffer) -> list[tuple[int, int]]:
    return [(each.previous, each.number) for each in buffer.after(0, 100)]


def test_the_oldest_raw_values_are_dropped_before_any_minute(tmp_path: Path) -> None:
    buffer = filled(tmp_path, "mrmrmr", most=4 * (100 + OVERHEAD))
    assert numbers(buffer) == [(0, 1), (1, 3), (3, 5), (5, 6)], "2 and 4 are gone, and the next ones say so"


def test_minutes_are_dropped_when_no_raw_value_is_left(tmp_path: Path) -> None:
    buffer = filled(tmp_path, "mrmmm", most=3 * (100 + OVERHEAD))
    assert numbers(buffer) == [(0, 3), (3, 4), (4, 5)]


def test_raw_values_that_are_too_old_are_dropped_and_minutes_are_not(tmp_path: Path) -> None:
    buffer = filled(tmp_path, "rmr", age=200_000)
    buffer.append(Kind.RAW, "press", 200_001, b"")
    buffer.commit(200_001)
    assert [number for _, number in numbers(buffer)] == [2, 3, 4]


def test_a_number_is_never_used_again(tmp_path: Path) -> None:
    buffer = filled(tmp_path, "mm")
    assert buffer.confirm(2)
    buffer.commit(10)
    assert numbers(buffer) == []
    buffer.close()
    again = filled(tmp_path, "m")
    assert numbers(again) == [(2, 3)]
    assert again.agent == buffer.agent


def test_a_stricter_privacy_mode_drops_what_it_must_not_send(tmp_path: Path) -> None:
    buffer = filled(tmp_path, "mrm")
    buffer.keep_only([Kind.ROLLUP])
    assert numbers(buffer) == [(0, 1), (1, 3)]
    assert buffer.depth().raw == 0


def test_an_old_copy_gets_a_new_name_and_numbers_its_records_anew(tmp_path: Path) -> None:
    buffer = filled(tmp_path, "mmm")
    assert buffer.confirm(1), "which is not on disk yet"
    name = buffer.agent
    assert not buffer.confirm(77)
    buffer.renew()
    assert buffer.agent != name
    assert numbers(buffer) == [(0, 1), (1, 2)]
    buffer.close()
    assert numbers(opened(tmp_path)) == [(0, 1), (1, 2)]


def test_an_old_copy_keeps_what_waits_for_the_next_commit(tmp_path: Path) -> None:
    buffer = filled(tmp_path, "mm")
    buffer.append(Kind.ROLLUP, "press", 9, b"pending")
    buffer.renew()
    buffer.commit(10)
    assert [each.body for each in buffer.after(0, 9)][-1] == b"pending"


def test_aliases_stay_with_their_metrics_as_long_as_records_need_them(tmp_path: Path) -> None:
    state = Described("press", "State", DataType.INT32)
    power = Described("press", "Power/Active", DataType.DOUBLE, "kW")
    buffer = filled(tmp_path, "r")
    first = buffer.aliases([state, power])
    buffer.close()
    again = opened(tmp_path)
    assert again.aliases([power]) == first, "State is announced too: a record may have it"
    again.confirm(1)
    again.commit(1)
    assert again.aliases([power]) == {power: first[power]}
    other = Described("mill", "State", DataType.INT32)
    assert again.aliases([power, other])[other] not in first.values()


def test_every_session_has_the_next_number_also_after_a_restart(tmp_path: Path) -> None:
    buffer = opened(tmp_path)
    assert [buffer.next_birth() for _ in range(3)] == [0, 1, 2]
    buffer.close()
    again = opened(tmp_path)
    assert again.next_birth() == 3
    again._keep("bdseq", 254)
    assert [again.next_birth(), again.next_birth()] == [255, 0]


def test_one_agent_has_it_at_a_time_while_others_may_look(tmp_path: Path) -> None:
    buffer = filled(tmp_path, "mr")
    with pytest.raises(Refused) as refused:
        opened(tmp_path)
    assert refused.value.problems[0].rule.id == "edge-buffer-in-use"
    assert depth_of(tmp_path / "buffer.sqlite") == buffer.depth()
    assert (buffer.depth().records, buffer.depth().raw, buffer.depth().oldest) == (2, 1, 0)


def test_a_file_that_is_no_buffer_is_refused(tmp_path: Path) -> None:
    (tmp_path / "buffer.sqlite").write_bytes(b"no database" * 1000)
    for action in (lambda: opened(tmp_path), lambda: depth_of(tmp_path / "buffer.sqlite")):
        with pytest.raises(Refused) as refused:
            action()
        assert refused.value.problems[0].rule.id == "edge-buffer-damaged"


def test_what_the_disk_refuses_stays_pending(tmp_path: Path) -> None:
    buffer = filled(tmp_path, "m")
    pages = buffer._sql.execute("PRAGMA page_count").fetchone()[0]
    buffer._sql.execute(f"PRAGMA max_page_count = {pages}")
    buffer.append(Kind.RAW, "press", 1, bytes(100_000))
    with pytest.raises(sqlite3.OperationalError):
        buffer.commit(1)
    assert (buffer.due(1), buffer.last, numbers(buffer)) == (True, 1, [(0, 1)])
    buffer._sql.execute("PRAGMA max_page_count = 1000000")
    buffer.commit(2)
    assert numbers(buffer) == [(0, 1), (1, 2)]


WRITER = """
import sys
from pathlib import Path
from shazhou.telemetry.edge.buffer import Buffer, Kind
buffer = Buffer(Path(sys.argv[1]) / "buffer.sqlite", 10**9, 10**12)
while True:
    for _ in range(3):
        buffer.append(Kind.RAW, "press", 0, b"x" * 500)
    if buffer.last % 9 == 0:
        buffer.confirm(buffer.last - 5)
    buffer.commit(0)
    print(buffer.last, flush=True)
"""


def test_what_was_committed_survives_a_kill(tmp_path: Path) -> None:
    told = 0
    for tries in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            for _ in range(20 + 7 * tries):
                told = int(writer.stdout.readline())
            writer.send_signal(signal.SIGKILL)
            told = max([told, *(int(line) for line in writer.stdout.read().split("\n")[:-1])])
        buffer = opened(tmp_path)
        assert told <= buffer.last <= told + 3, "all that it told of, and at most the transaction that it was in"
        kept = buffer.after(0, 10**6)
        assert [each.number for each in kept] == list(range(buffer.confirmed + 1, buffer.last + 1))
        assert all(each.body == b"x" * 500 for each in kept)
        buffer.close()


def test_a_copy_on_other_hardware_does_not_delete_what_was_confirmed_to_the_first(tmp_path: Path) -> None:
    """Both counted on under one name, and the host's word to one was taken by the other for its own records."""
    first = opened(tmp_path / "first")
    first.stand_on("one box")
    name = first.agent
    for body in (b"a", b"b"):
        first.append(Kind.RAW, "press", 1, body)
    first.commit(1)
    first.confirm(1)
    first.commit(10_000)
    first.close()
    shutil.copytree(tmp_path / "first", tmp_path / "copy")
    again, copy = opened(tmp_path / "first"), opened(tmp_path / "copy")
    again.stand_on("one box")
    copy.stand_on("another box")
    assert (again.agent, again.last, again.confirmed) == (name, 2, 1)
    assert copy.agent != name and (copy.last, copy.confirmed) == (1, 0)
    assert [record.body for record in copy.after(0, 10)] == [b"b"]
    copy.stand_on("another box")
    assert copy.last == 1
    again.close()
    copy.close()
