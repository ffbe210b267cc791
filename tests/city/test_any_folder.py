"""Whatever is in a city folder, checking it gives problems and never a traceback."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny_city import FILES, tiny_city

from shazhou.city.check import check, check_files
from shazhou.city.folder import read_files
from shazhou.city.problem import Problem

FRAGMENTS = [
    *(
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b'"',
        b"'",
        b"\n",
        b"\t",
        b": ",
        b"- ",
        b"[",
        b"{",
        b"}",
        b"]",
        b"#",
        b"&a ",
        b"*a",
    ),
    *(
        b"!!python/object:os.system ",
        b"<<: ",
        b"? ",
        b"---\n",
        b"|\n",
        b">-\n",
        b"%YAML 9.9\n",
        b"~",
        b".nan",
        b".inf",
        b"-1",
    ),
    *(
        b"1e999999999",
        b"1.0e+999999999",
        b"9" * 300,
        b"[" * 300,
        b"a: " * 30,
        "\u2028".encode(),
        "\x85".encode(),
        b"\\ud800",
    ),
    *(
        b"NaN",
        b"Infinity",
        b"null",
        b"true",
        b"2021-13-45",
        b"0x1F",
        b"1:30:00",
        b"../../etc/passwd",
        b"a" * 3000,
        b"|",
        b",",
    ),
]


@cache
def zhangjiagang() -> dict[str, bytes]:
    files = read_files(Path(__file__).parents[2] / "cities" / "zhangjiagang")
    return {name: content for name, content in files.items() if name.endswith((".yaml", ".csv"))}


@st.composite
def mutated(draw: st.DrawFn, files: dict[str, bytes]) -> dict[str, bytes]:
    """The files with one to four wounds: bytes changed, cut out, doubled or foreign ones put in, or a file gone."""
    changed = dict(files)
    for _ in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from(sorted(files)))
        content = changed.get(name, b"")
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 40)))
        match draw(st.sampled_from(["put in", "cut out", "double", "change", "cut off", "gone"])):
            case "put in":
                changed[name] = content[:start] + draw(st.sampled_from(FRAGMENTS)) + content[end:]
            case "cut out":
                changed[name] = content[:start] + content[end:]
            case "double":
                changed[name] = content[:end] + content[start:end] + content[end:]
            case "change":
                changed[name] = content[:start] + draw(st.binary(max_size=4)) + content[start + 1 :]
            case "cut off":
                changed[name] = content[:start]
            case _:
                changed.pop(name, None)
    return changed


def assert_useful(problems: tuple[Problem, ...], files: dict[str, bytes]) -> None:
    for problem in problems:
        assert problem.where.file
        if problem.where.file in files and problem.where.row is not None:
            lines = len(files[problem.where.file].decode(errors="replace").splitlines())
            assert 1 <= problem.where.row <= max(lines, 1) + 1
        assert str(problem).encode()
        assert len(str(problem)) < 5_000


@pytest.mark.slow
@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutated({name: text.encode() for name, text in FILES.items()}))
def test_a_wounded_small_folder_gives_problems(files: dict[str, bytes]) -> None:
    assert_useful(check_files(files), files)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_the_wounded_folder_of_zhangjiagang_gives_problems(data: st.DataObject) -> None:
    files = data.draw(mutated(zhangjiagang()))
    assert_useful(check_files(files), files)


@pytest.mark.slow
@settings(
    max_examples=int(os.environ.get("SHAZHOU_EXAMPLES", "20000")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(mutated({name: text.encode() for name, text in FILES.items()}))
def test_many_wounded_small_folders_give_problems(files: dict[str, bytes]) -> None:
    assert_useful(check_files(files), files)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.binary(max_size=300))
def test_any_bytes_in_place_of_a_file_give_problems(name: str, content: bytes) -> None:
    files = {**tiny_city(), name: content}
    assert_useful(check_files(files), files)


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(st.sampled_from([name for name in sorted(FILES) if name.endswith(".yaml")]), _ANY, st.data())
def test_any_value_in_place_of_any_field_gives_problems(name: str, value: object, data: st.DataObject) -> None:
    import yaml

    whole = yaml.safe_load(FILES[name])
    holder, key = data.draw(st.sampled_from(list(_holders(whole))))
    holder[key] = value
    files = {**tiny_city(), name: yaml.safe_dump(whole, allow_unicode=True).encode(errors="surrogatepass")}
    assert_useful(check_files(files), files)


def _holders(data: object) -> list[tuple[object, object]]:
    pairs = list(data.items()) if isinstance(data, dict) else list(enumerate(data)) if isinstance(data, list) else []
    return [(data, key) for key, _ in pairs] + [found for _, value in pairs for found in _holders(value)]


def test_files_that_cannot_be_read_are_problems(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "figures.csv").write_text("a\n", encoding="utf-8")
    assert check(tmp_path) == ()
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.yaml")).write_bytes(b"")
    assert [problem.rule.id for problem in check(tmp_path)] == ["file-unreadable"]


def test_a_folder_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    assert [problem.rule.id for problem in check(tmp_path / "nowhere")] == ["no-city-folder"]


@pytest.mark.parametrize("name", ["../city.yaml", "/etc/passwd", "no.csv", "a" * 5000, "\0"])
def test_evidence_is_looked_for_in_its_folder_only(tmp_path: Path, name: str) -> None:
    (tmp_path / "evidence").mkdir()
    for each, text in FILES.items():
        (tmp_path / each).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / each).write_text(text, encoding="utf-8")
    city = FILES["city.yaml"].replace("figures.csv", '"' + name.replace("\0", "\\0") + '"')
    (tmp_path / "city.yaml").write_text(city, encoding="utf-8")
    assert [problem.rule.id for problem in check(tmp_path)] == ["missing-evidence"]
