"""Checking a city folder: every problem at once, each with file, line, rule and what to do.

What `shazhou.city.reading` reads must also fit together: `shazhou.city.references` looks for names that nothing
defines, `shazhou.city.coherence` for definitions that contradict one another, `shazhou.city.collection_check` for
collections that cannot work, `shazhou.city.outline` for outlines that are not there. Rooms above this one (formulas,
mappings, templates) hand in their own checks, so that this one need not know them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from shazhou.city.coherence import contradictions
from shazhou.city.collection_check import collection_problems
from shazhou.city.folder import read_files
from shazhou.city.model import City
from shazhou.city.outline import missing_outlines
from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.city.reading import Reading
from shazhou.city.references import unknown_references

MISSING_EVIDENCE = Rule(
    "missing-evidence",
    "The evidence {found} is not in the city folder.",
    "城市文件夹中没有 {found}。",
    "Add the file under evidence/, or take it off the list in city.yaml.",
    "请将文件放入 evidence/，或从 city.yaml 的清单中去掉。",
)

Extra = Callable[[City], Iterable[Problem]]
"""A check of a room above: problems of a city whose own definitions could be read."""


def check(folder: Path, extra: Iterable[Extra] = ()) -> tuple[Problem, ...]:
    """Every problem of a city folder in the order of files and lines; none where it is in order."""
    try:
        files = read_files(folder)
    except Refused as refused:
        return refused.problems
    return check_files(files, str(folder), lambda name: _is_file(folder / "evidence", name), extra)


def check_files(
    files: Mapping[str, bytes],
    name: str = "",
    has_evidence: Callable[[str], bool] = lambda name: True,
    extra: Iterable[Extra] = (),
) -> tuple[Problem, ...]:
    """Every problem of the files of a city folder.

    Args:
        files: contents by relative name.
        name: the folder, for files that are missing.
        has_evidence: whether a document is in ``evidence/``.
        extra: checks of the rooms above; they run on the definitions that could be read.
    """
    reading = Reading(files, name)
    found = [
        *reading.problems,
        *unknown_references(reading),
        *contradictions(reading),
        *collection_problems(reading),
        *missing_outlines(reading),
        *_missing_evidence(reading, has_evidence),
    ]
    city, refused = reading.readable(), reading.refused()
    if city is not None:
        found += (each for each in _of_rooms_above(city, extra) if refused.isdisjoint(_named_in(each)))
    return tuple(sorted(found, key=_order))


def _of_rooms_above(city: City, extra: Iterable[Extra]) -> Iterator[Problem]:
    for problems_of in extra:
        try:
            yield from problems_of(city)
        except Refused as refused:
            yield from refused.problems


def _named_in(problem: Problem) -> Iterator[str]:
    """What a problem may be about; one about a definition that was refused follows from that."""
    yield problem.found
    yield from problem.values.values()


def _missing_evidence(reading: Reading, has_evidence: Callable[[str], bool]) -> Iterator[Problem]:
    for number, evidence in enumerate(reading.root.evidence if reading.root else ()):
        if not has_evidence(evidence.file):
            where = reading.where("city.yaml", ("evidence", number, "file"))
            yield Problem(MISSING_EVIDENCE, where, evidence.file)


def _is_file(folder: Path, name: str) -> bool:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        return False
    try:
        return (folder / path).is_file()
    except (OSError, ValueError):
        return False


def _order(problem: Problem) -> tuple[str, int]:
    where: Where = problem.where
    return where.file, where.row or 0
