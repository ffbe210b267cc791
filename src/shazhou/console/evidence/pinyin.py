"""Names as they are typed: the syllables of Chinese names, without tones.

Readings are those of pypinyin, phrase by phrase where a phrase reads otherwise than its characters (乐余, 银行, 长城);
a million names take seconds.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import NamedTuple


class Typed(NamedTuple):
    """A name as whole syllables and as their first letters, in lower case: ``shagang``, ``sg``; a name without
    Chinese has no first letters."""

    whole: str
    initials: str


def typed(name: str) -> Typed:
    """How a name is typed; what is not Chinese stays as it is."""
    folded = plain(name)
    if folded.isascii():
        return Typed(folded, "")
    syllables = _syllables(folded)
    return Typed("".join(syllables), "".join(each[:1] for each in syllables if each[:1].isalnum()))


def plain(text: str) -> str:
    """A text as it is compared: without letter case, and without width (（） and () are one)."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).lower()


def _syllables(name: str) -> list[str]:
    single, phrases = _readings()
    found: list[str] = []
    at = 0
    while at < len(name):
        for phrase, syllables in phrases.get(name[at : at + 2], ()):
            if name.startswith(phrase, at):
                found += syllables
                at += len(phrase)
                break
        else:
            found.append(single.get(name[at], name[at]))
            at += 1
    return found


@cache
def _readings() -> tuple[dict[str, str], dict[str, list[tuple[str, list[str]]]]]:
    """Syllables of characters, and of the phrases that read otherwise, longest first, by their first two characters."""
    # The package imports itself in a circle. A second thread must wait for all of it, or both fail, and for good.
    import pypinyin  # noqa: F401
    from pypinyin.constants import PHRASES_DICT, PINYIN_DICT
    from pypinyin.contrib.tone_convert import to_normal

    plainly = cache(to_normal)
    single = {chr(code): plainly(readings.split(",")[0]) for code, readings in PINYIN_DICT.items()}
    phrases: dict[str, list[tuple[str, list[str]]]] = {}
    for phrase, readings in sorted(PHRASES_DICT.items(), key=lambda each: -len(each[0])):
        syllables = [plainly(each[0]) for each in readings]
        if syllables != [single.get(character) for character in phrase]:
            phrases.setdefault(phrase[:2], []).append((phrase, syllables))
    return single, phrases
