"""What a register searches by: how names are typed, and signatures that rule texts out."""

from __future__ import annotations

import subprocess
import sys

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypinyin import lazy_pinyin
from real_city import ZHANGJIAGANG

from shazhou.city.folder import read_city
from shazhou.console.evidence.pinyin import plain, typed
from shazhou.console.evidence.signature import signature, signatures

TEXTS = st.text(st.sampled_from("江苏沙钢张家港银行长城乐余abc AB（1)\n") | st.characters(codec="utf-8"), max_size=12)


def test_names_are_typed_as_pypinyin_reads_them() -> None:
    city = read_city(ZHANGJIAGANG)
    names = [place.name.zh for place in city.places.values()] + [each.name.zh for each in city.industries.values()]
    for name in [*names, "江苏长城银行", "重庆沙钢", "乐余镇音乐厂", "绿女"]:
        assert typed(name).whole == "".join(lazy_pinyin(plain(name)))


@pytest.mark.parametrize(
    ("name", "whole", "initials"),
    [
        ("沙钢", "shagang", "sg"),
        ("张家港（保税区）", "zhangjiagang(baoshuiqu)", "zjgbsq"),
        ("Alpha Steel", "alpha steel", ""),
        ("TCL电子", "tcldianzi", "tcldz"),
    ],
)
def test_a_name_is_typed(name: str, whole: str, initials: str) -> None:
    assert typed(name) == (whole, initials)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=5))
def test_a_text_that_holds_a_word_has_every_bit_of_its_signature(cases: list[tuple[str, str, str]]) -> None:
    lower, upper = signatures(pa.chunked_array([["".join(case) for case in cases]], pa.string()))
    for at, (_before, word, _after) in enumerate(cases):
        low, high = signature(word)
        assert (int(lower[at]) & low, int(upper[at]) & high) == (low, high)


def test_a_signature_rules_out_most_other_texts() -> None:
    texts = [
        f"江苏{first}{second}机械有限公司" for first in "沙联海润华泰新陵瑞澳" for second in "钢丰陆邦芳康美富洋渡"
    ]
    lower, upper = signatures(pa.chunked_array([texts], pa.string()))
    low, high = signature("沙钢")
    left = sum((int(a) & low, int(b) & high) == (low, high) for a, b in zip(lower, upper, strict=True))
    assert 1 <= left <= 10


TWO_WHO_SEARCH_FIRST = """
import importlib.abc, sys, threading, time

class Between(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "pypinyin.core" and threading.current_thread() is first:
            second.start()
            time.sleep(0.5)

sys.meta_path.insert(0, Between())
from shazhou.console.evidence.pinyin import typed

said = []
first, second = (threading.Thread(target=lambda: said.append(typed("沙钢").whole)) for _ in range(2))
first.start()
first.join()
second.join()
print(*said, typed("沙钢").whole)
"""


def test_two_who_are_the_first_to_search_at_the_same_moment_both_find() -> None:
    """The readings' package imports itself in a circle; a second thread in the midst of that broke it for good."""
    done = subprocess.run([sys.executable, "-c", TWO_WHO_SEARCH_FIRST], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["shagang"] * 3, done.stderr
