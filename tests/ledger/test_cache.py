"""What is kept because it can be computed again: believed only as it was written, and forgotten when it is old."""

from __future__ import annotations

import os
from pathlib import Path

from shazhou.ledger.cache import Cache


def test_what_was_kept_is_read_again_where_it_was_kept_and_nowhere_else(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    cache.keep("one", "counted.json", b"1")
    assert cache.read("one", "counted.json") == b"1"
    assert cache.read("two", "counted.json") is None
    assert cache.read("one", "other.json") is None
    assert list(cache.damaged()) == []


def test_only_the_newest_are_not_forgotten(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    for number in range(5):
        cache.keep(f"head{number}", "states", b"x")
        cache.keep(f"head{number}", "profile", b"x")
        os.utime(tmp_path / "cache" / f"head{number}" / "states", (number, number))
    cache.forget("states", but=2)
    assert [cache.read(f"head{number}", "states") for number in range(5)] == [None, None, None, b"x", b"x"]
    assert all(cache.read(f"head{number}", "profile") for number in range(5))


def test_a_folder_that_is_not_there_has_nothing_to_forget(tmp_path: Path) -> None:
    Cache(tmp_path / "cache").forget("states", but=0)
    assert not (tmp_path / "cache").exists()
