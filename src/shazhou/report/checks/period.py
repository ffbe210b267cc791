"""A year or period is no amount: no unit word stands directly behind its reference ({{ year+1 }}家, {{ year }}%)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shazhou.city.problem import Problem, Rule
from shazhou.report.template.markdown import Template
from shazhou.report.template.reference import Reference
from shazhou.report.template.sentences import Emphasis, Sentence, sentences
from shazhou.report.words.units import unit_word

UNIT_AFTER_PERIOD = Rule(
    "report-period-unit",
    'The unit "{found}" stands behind a period, which would make the year a number: {sentence}',
    "时期之后写了单位“{found}”，会使年份成为一个数，见：{sentence}",
    "Quote a figure where a number is meant; put another word behind the period otherwise.",
    "若要写数值，请引用指标；否则请在时期之后换用其他词语。",
)

_SCALE = re.compile(r"\s*[百千万亿]+[余多]?")
_WORD = re.compile(
    r"\s*(?:年|度|家(?:庭|用|电|纺|具)|人(?:大|民|才|口|工|均|力|社|居)|个(?:人|体|性|别)|户(?:籍|均|外)|位(?:于|居|列)"
    r"|名(?:列|义)|台(?:风|湾)|天(?:然|气)|条(?:例|件)|成(?:绩|效|都|交|品|熟))"
)
"""Words that begin like a unit and are none (年度, 家庭, 人大, 位于)."""
_TITLE = re.compile(r"\(year(?:[+-]\d{1,2})?\)")


def check_template(template: Template, language: str) -> Iterator[Problem]:
    """Every unit word of a template directly behind a period."""
    for part in template.parts:
        for cell in part.cells:
            for sentence in sentences(cell, language):
                yield from _in_sentence(sentence, language)
    for reference in template.references():
        title = reference.options.get("title", "")
        for found in _TITLE.finditer(title):
            yield from _problems(title[found.end() :], title, reference, language)


def _in_sentence(sentence: Sentence, language: str) -> Iterator[Problem]:
    before: Reference | None = None
    for token in sentence.tokens:
        if isinstance(token, str) and before is not None:
            yield from _problems(token, sentence.written(), before, language)
        if not isinstance(token, Emphasis):
            before = token if isinstance(token, Reference) and token.verb in ("year", "period") else None


def _problems(text: str, sentence: str, reference: Reference, language: str) -> Iterator[Problem]:
    if language == "zh" and _WORD.match(text):
        return
    scale = _SCALE.match(text)
    word = unit_word(text, language) or (unit_word(text[scale.end() :], language) if scale else "")
    if word:
        yield Problem(UNIT_AFTER_PERIOD, reference.where, word.strip(), {"sentence": sentence})
