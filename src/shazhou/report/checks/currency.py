"""A currency that the text names beside a figure must be the figure's own: no 人民币 before or behind US dollars."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from shazhou.city.model import City
from shazhou.city.problem import Problem, Rule
from shazhou.city.unit import UNITS
from shazhou.report.template.markdown import Template
from shazhou.report.template.reference import Reference
from shazhou.report.template.sentences import Emphasis, Sentence, Token, sentences, with_units

OTHER_CURRENCY = Rule(
    "report-currency",
    'The text says "{found}" beside {indicator}, which is stated in {currency}: {sentence}',
    "{indicator} 旁写的是“{found}”，而它的币种是 {currency}，见：{sentence}",
    "Name the figure's own currency, or none: the report adds it.",
    "请写该数值自己的币种，或不写币种，由报告补上。",
)

_CURRENCIES = {
    "cny": r"人民币|￥|¥|RMB|CNY|renminbi|yuan",
    "usd": r"美元|美金|US\$|(?<![A-Z])\$|USD|(?:US )?dollars?",
    "other": r"欧元|英镑|日元|港元|港币|韩元|€|£|HK\$|EUR|GBP|JPY|HKD|euros?|pounds?|yen",
}
_WORDS = "|".join(f"(?P<{name}>{words})" for name, words in _CURRENCIES.items())
_BEFORE = re.compile(rf"(?:(?<![A-Za-z])|(?<=[\s（(]))(?:{_WORDS})(?:计价|计算|计|约|超|[\s:：（(])*$", re.IGNORECASE)
_AFTER = re.compile(rf"[\s（(]*(?:以|按|in )?(?:{_WORDS})(?![A-Za-z])", re.IGNORECASE)


def check_template(template: Template, city: City, language: str) -> Iterator[Problem]:
    """Every currency of the template beside a figure that is in another, or in none."""
    for part in template.parts:
        for cell in part.cells:
            for sentence in sentences(cell, language):
                yield from _in_sentence(sentence, city, language)


def _in_sentence(sentence: Sentence, city: City, language: str) -> Iterator[Problem]:
    tokens = [token for token, _unit in with_units(sentence.tokens, language) if not isinstance(token, Emphasis)]
    for at, token in enumerate(tokens):
        if not isinstance(token, Reference) or token.verb != "figure" or token.subject not in city.indicators:
            continue
        own = UNITS[city.indicators[token.subject].unit].base
        beside = (_BEFORE.search(_text(tokens[at - 1 : at])), _AFTER.match(_text(tokens[at + 1 : at + 2])))
        for found in beside:
            if found is not None and found.lastgroup != own:
                said = found.group(found.lastgroup or 0)
                values = {"indicator": token.subject, "currency": own.upper(), "sentence": sentence.written()}
                yield Problem(OTHER_CURRENCY, token.where, said, values)


def _text(tokens: Sequence[Token]) -> str:
    return "".join(token for token in tokens if isinstance(token, str))
