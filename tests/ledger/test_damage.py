"""Damage: whatever happens to any file of a ledger, verification finds it and names the first submission it cost.

The ledger's files are all but ``aside/`` (was never acknowledged).
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ledger_rows import append, complete, seen

from shazhou.city.problem import Problem, Refused
from shazhou.ledger.chain import ROW
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.quotations import Quotations
from shazhou.ledger.verification import verify


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """A complete ledger with quotations and a cache, and with what is no part of it: something set aside."""
    ledger = complete(tmp_path_factory.mktemp("damage") / "ledger")
    quotations = Quotations(ledger.folder)
    quotations.keep({"f000000000001": {"indicator": "gdp", "value": "1"}, "f000000000002": {"value": None}})
    ledger.cache.keep(ledger.head(), "counted.json", b"something")
    (ledger.folder / "aside").mkdir(exist_ok=True)
    (ledger.folder / "aside" / "file").write_bytes(b"something")
    assert verify(ledger).ok
    return ledger


@pytest.fixture
def copy(whole: Ledger, tmp_path: Path) -> Path:
    shutil.copytree(whole.folder, tmp_path / "copy")
    return tmp_path / "copy"


def files_of(folder: Path) -> list[str]:
    """The files that belong to the ledger, apart from Parquet files that are off their table in their time of grace."""
    ledger = Ledger(folder)
    live = set(ledger.observation_files.files() + ledger.submission_files.files())
    names = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        off_table = path.suffix == ".parquet" and path.parent.name != "_delta_log" and path not in live
        superseded = path.parent.name == "_delta_log" and name.as_posix() not in ledger.manifest.entries()
        if path.is_file() and name.parts[0] != "aside" and not off_table and not superseded:
            names.append(name.as_posix())
    return names


def found(folder: Path) -> list[Problem]:
    """What `shazhou verify` would print."""
    try:
        return list(verify(Ledger.open(folder)).failures)
    except Refused as refused:
        return list(refused.problems)


def changes(content: bytes, random_bits: random.Random, flips: int) -> Iterator[tuple[str, bytes | None]]:
    """The file with single bits flipped, cut short, gone, and longer."""
    bits = (
        {0, len(content) * 8 - 1} | {random_bits.randrange(len(content) * 8) for _ in range(flips)} if content else ()
    )
    for bit in sorted(bits):
        flipped = bytearray(content)
        flipped[bit // 8] ^= 1 << bit % 8
        yield f"bit {bit}", bytes(flipped)
    for length in {0, len(content) // 2, len(content) - 1} if content else ():
        yield f"cut to {length}", content[:length]
    yield "deleted", None
    yield "one byte more", content + b"x"
    yield "longer", content + content + b"\0"


def survives(name: str, change: str, size: int) -> bool:
    """Changes that cannot be told from what a writer who died leaves, and that cost no evidence.

    The manifest without the end of its last line; quotations that end early or say a thing twice; a lock made anew
    when it is needed; a cache that is gone.
    """
    if name.startswith("cache/"):
        return change == "deleted"
    if name == "quoted/lock":
        return change == "deleted"
    if name == "quoted/figures.jsonl":
        return change.startswith("cut") or change in ("deleted", "longer")
    return name == "manifest.jsonl" and change == f"cut to {size - 1}"


class Restored:
    """A folder that can be put back as it was."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        self._seen = {path: self._state(path) for path in self._files}

    def restore(self) -> None:
        for path, content in self._files.items():
            if self._state(path) != self._seen[path]:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                self._seen[path] = self._state(path)
        for path in self._folder.rglob("*"):
            if path.is_file() and path not in self._files:
                path.unlink()

    @staticmethod
    def _state(path: Path) -> tuple[int, int, int] | None:
        if not path.exists():
            return None
        status = path.stat()
        return status.st_ino, status.st_size, status.st_mtime_ns


def check(folder: Path, flips: int, each_file: int, seed: int) -> int:
    """Damages every file of a ledger in up to ``each_file`` ways; returns how many damages were found."""
    generator = random.Random(seed)
    count = 0
    expected = seen(Ledger.open(folder))
    restored = Restored(folder)
    for name in files_of(folder):
        path = folder / name
        content = path.read_bytes()
        ways = list(changes(content, generator, flips))
        for change, damaged in generator.sample(ways, min(each_file, len(ways))):
            if damaged is None:
                path.unlink()
            else:
                path.write_bytes(damaged)
            problems = found(folder)
            if not problems:
                assert survives(name, change, len(content)), f"{name}: {change} went unnoticed"
                assert seen(Ledger.open(folder)) == expected, f"{name}: {change} cost observations"
            count += bool(problems)
            restored.restore()
    assert found(folder) == []
    return count


def test_every_kind_of_file_is_there(whole: Ledger) -> None:
    names = files_of(whole.folder)
    for part in (
        "format",
        "lock",
        "manifest.jsonl",
        "documents/",
        "observations/a-",
        "observations/c-",
        "submissions/s-",
        "submissions/c-",
        "observations/_delta_log/0",
        ".checkpoint.parquet",
        "_last_checkpoint",
        "quoted/figures.jsonl",
        "quoted/lock",
        "cache/",
    ):
        assert any(part in name for name in names), part


@pytest.mark.slow
def test_damage_of_any_file_is_found(copy: Path) -> None:
    assert check(copy, flips=2, each_file=2, seed=1) > 40


@pytest.mark.slow
def test_flipped_bits_anywhere_are_found(copy: Path) -> None:
    assert check(copy, flips=12, each_file=100, seed=2) > 400


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


def first_named(folder: Path) -> str:
    """The number of the first submission that verification names."""
    return next(each.values["sequence"] for each in found(folder) if "sequence" in each.values)


def test_the_first_submission_that_fails_is_named(copy: Path) -> None:
    ledger = Ledger.open(copy)
    chain = ledger.submissions()
    before = copy.with_name("before")
    shutil.copytree(copy, before)
    named = {f"observations/a-{each.attempt}.parquet": each for each in chain if each.count}
    documents = {f"documents/{e.document[:2]}/{e.document}": e for e in chain if e.document}
    rows = {path.name: int(path.name[2:11]) for path in (copy / "submissions").glob("s-*") if path in live(ledger)}
    expected = {name: each.sequence for name, each in {**named, **documents}.items() if (copy / name).exists()}
    expected = {name: number for name, number in expected.items() if "/a-" not in name or copy / name in live(ledger)}
    expected |= {f"submissions/{name}": number for name, number in rows.items()}
    expected |= {path.relative_to(copy).as_posix(): 1 for path in live(ledger) if path.name.startswith("c-")}
    assert len(expected) >= 10
    for name, number in expected.items():
        damage(copy / name)
        assert first_named(copy) == str(number), name
        shutil.rmtree(copy)
        shutil.copytree(before, copy)


def live(ledger: Ledger) -> set[Path]:
    return set(ledger.observation_files.files() + ledger.submission_files.files())


def test_a_row_changed_with_its_manifest_line_is_found_by_the_content(copy: Path) -> None:
    ledger = Ledger.open(copy)
    last = ledger.submissions()[-1]
    file = copy / "observations" / f"a-{last.attempt}.parquet"
    stored = pq.ParquetFile(file).read()
    values = stored.column("value").to_pylist()
    forged = stored.set_column(
        stored.column_names.index("value"),
        "value",
        pa.array([values[0] + 1, *values[1:]], stored.schema.field("value").type),
    )
    pq.write_table(forged, file)
    ledger.manifest.add(file)
    (problem,) = found(copy)
    assert problem.rule.id == "content-changed"
    assert problem.values["id"] == "five"


def test_a_chain_changed_with_its_manifest_line_is_found_by_the_heads(copy: Path) -> None:
    ledger = Ledger.open(copy)
    (file,) = (path for path in live(ledger) if path.name.startswith("c-") and path.parent.name == "submissions")
    rows = pq.ParquetFile(file).read().to_pylist()
    rows[1]["title"] = "another title"
    pq.write_table(pa.Table.from_pylist(rows, schema=ROW), file)
    ledger.manifest.add(file)
    problems = found(copy)
    assert [problem.rule.id for problem in problems] == ["chain-broken"]
    assert problems[0].values == {"sequence": "2", "id": "two"}


def test_a_file_that_somebody_put_on_the_table_is_found(copy: Path) -> None:
    ledger = Ledger.open(copy)
    (stranger, *_) = (path for path in live(ledger) if path.name.startswith("a-"))
    foreign = stranger.with_name("part-00000.parquet")
    shutil.copy(stranger, foreign)
    ledger.observation_files.commit(foreign)
    rules = [problem.rule.id for problem in found(copy)]
    assert "file-unlisted" in rules


def test_foreign_files_among_log_and_documents_are_found(copy: Path) -> None:
    for folder in ("observations/_delta_log", "submissions/_delta_log", "documents/00"):
        (copy / folder).mkdir(exist_ok=True)
        (copy / folder / "notes.txt").write_text("what is this?")
    assert [problem.rule.id for problem in found(copy)] == ["file-unlisted"] * 3


def test_what_is_no_part_of_the_ledger_does_not_matter(copy: Path) -> None:
    damage(copy / "aside" / "file")
    assert found(copy) == []
    shutil.rmtree(copy / "cache")
    assert found(copy) == []


def test_a_damaged_cache_is_told_of_and_not_believed(copy: Path) -> None:
    ledger = Ledger.open(copy)
    assert ledger.cache.read(ledger.head(), "counted.json") == b"something"
    (file,) = (copy / "cache" / ledger.head()).iterdir()
    moved = copy / "cache" / "another-head"
    shutil.copytree(file.parent, moved)
    assert [problem.rule.id for problem in found(copy)] == ["cache-changed"]
    shutil.rmtree(moved)
    damage(file)
    assert [problem.rule.id for problem in found(copy)] == ["cache-changed"]
    assert ledger.cache.read(ledger.head(), "counted.json") is None
    file.unlink()
    assert found(copy) == []


@pytest.mark.slow
@pytest.mark.parametrize("digits", [8, 9, 40, 64])
def test_every_head_that_the_chain_passes_through_is_found(whole: Ledger, digits: int) -> None:
    for each in whole.submissions():
        assert verify(whole, each.head[:digits]).ok
        assert verify(whole, each.head[:digits].upper()).ok


def test_a_head_that_the_chain_does_not_pass_through_fails(whole: Ledger, tmp_path: Path) -> None:
    other = Ledger.create(tmp_path / "other")
    append(other, "one", 40, document=b"the first document")
    for head in (other.head(), "f" * 64, whole.head()[:7], whole.head()[:12] + "z", "2024-01-01", "x"):
        (problem,) = verify(whole, head).failures
        assert problem.rule.id == "head-not-found"


def test_a_ledger_cut_back_to_an_earlier_state_does_not_pass_with_a_later_head(copy: Path, whole: Ledger) -> None:
    shutil.rmtree(copy)
    ledger = Ledger.create(copy)
    append(ledger, "one", 40, document=b"the first document")
    assert verify(ledger).ok
    assert [each.rule.id for each in verify(ledger, whole.head()).failures] == ["head-not-found"]


def test_progress_is_told_in_steps(whole: Ledger) -> None:
    told: list[tuple[str, int, int]] = []
    assert verify(whole, progress=lambda *step: told.append(step)).ok
    assert {step for step, _, _ in told} == {"manifest", "content"}
    assert all(done <= total for _, done, total in told)
