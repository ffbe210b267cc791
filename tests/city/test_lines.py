from datetime import date
from decimal import Decimal

import pytest

from shazhou.city.lines import DEEPEST, read_yaml
from shazhou.city.problem import Refused

YAML = b"""\
# a comment
first:
  name: {zh: \xe5\x90\x8d, en: Name}
  codes: ["31", "032"]
  share: 0.85
  count: 3
  day: 2021-03-05
  none: null
  yes_or_no: true
  long: >-
    two
    lines
"""


def problems_of(content: bytes) -> list[tuple[str, int | None]]:
    with pytest.raises(Refused) as refused:
        read_yaml("f.yaml", content)
    return [(problem.rule.id, problem.where.row) for problem in refused.value.problems]


def test_data_are_plain_and_numbers_exact() -> None:
    first = read_yaml("f.yaml", YAML).data["first"]
    assert first["name"] == {"zh": "名", "en": "Name"}
    assert first["codes"] == ["31", "032"]
    assert (first["share"], first["count"]) == (Decimal("0.85"), 3)
    assert (first["day"], first["none"], first["yes_or_no"]) == (date(2021, 3, 5), None, True)
    assert first["long"] == "two lines"


@pytest.mark.parametrize(
    ("path", "row"),
    [((), 2), (("first",), 2), (("first", "codes", 1), 4), (("first", "share"), 5), (("first", "missing", "x"), 2)],
)
def test_every_path_has_its_line(path: tuple[str | int, ...], row: int) -> None:
    assert read_yaml("f.yaml", YAML).where(path).row == row


def test_a_byte_order_mark_does_not_matter() -> None:
    assert read_yaml("f.yaml", b"\xef\xbb\xbfa: 1").data == {"a": 1}


@pytest.mark.parametrize(
    ("content", "rule", "row"),
    [
        (b"a: 1\nb: [1", "yaml-syntax", 2),
        (b"a: 1\n\tb: 2", "yaml-syntax", 2),
        (b"a: 1\nb: \x07", "yaml-syntax", 2),
        (b"a: b\n---\nc: d", "yaml-syntax", 2),
        (b"a: 1\nb: \xff", "file-encoding", 2),
        (b"a: 1\nb: 2\na: 3", "duplicate-key", 3),
        (b"a: &x 1\n", "yaml-feature", 1),
        (b"a: !!python/name:os.system 1", "yaml-feature", 1),
        (b"? [a]\n: 1", "yaml-feature", 1),
        (b"<<: {a: 1}", "yaml-feature", 1),
        (b"a: 1\nb: " + b"9" * 400, "number-too-large", 2),
        (b"a: 1.0e+999999999", "number-too-large", 1),
        (b"a: " + b"[" * (DEEPEST + 1), "yaml-depth", 1),
    ],
)
def test_what_a_definition_must_not_hold_is_refused_at_its_line(content: bytes, rule: str, row: int) -> None:
    assert (rule, row) in problems_of(content)


def test_all_duplicates_are_found_at_once() -> None:
    assert problems_of(b"a: 1\na: 2\nb: {c: 1, c: 2}") == [("duplicate-key", 2), ("duplicate-key", 3)]


def test_a_bomb_of_aliases_is_refused_before_it_grows() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{name}: &{name} [{', '.join(['*' + below] * 9)}]" for below, name in zip("abcdefg", "bcdefgh", strict=True)
    ]
    assert {rule for rule, _row in problems_of("\n".join(lines).encode())} == {"yaml-feature"}
