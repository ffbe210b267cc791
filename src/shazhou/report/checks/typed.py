"""No number is typed by hand: digits of any script, numerals that count something (三百家, 两成, "a hundred"), and
words that say a multiple (翻番, "doubled"). Ordinals (第一产业), enumerations (一、) and the `terms` of report.yaml are
none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from shazhou.city.problem import Problem, Rule, Where
from shazhou.report.document import Chart, Document, Heading, Items, Paragraph, Run, Strong, Table, Words
from shazhou.report.template.markdown import Template
from shazhou.report.template.reference import Reference
from shazhou.report.template.sentences import Sentence, sentences, with_units

TYPED = Rule(
    "report-typed-number",
    'The number "{found}" is typed by hand in: {sentence}',
    "“{found}”是手工输入的数字，见：{sentence}",
    "Quote a figure in double braces; where it is part of a fixed expression, add that to terms in report.yaml.",
    "请改用双花括号引用数值；若属固定用语，请写入 report.yaml 的 terms。",
)

_DIGIT = "一二三四五六七八九"
_NUMERAL = _DIGIT + "十百千万亿〇零"
_COUNTED = (
    "家|个|项|名|位|人|户|台|套|条|件|枚|艘|辆|座|处|所|间|次|倍|成|折|番|分之|元|亿|万|亩|吨|公里|平方|千瓦|度|年|月|日|天"
    "|周|季|岁|级|大|强|类|批|股|笔|种|组|期|轮|届|层|米|克|％|%"
)
_COUNTED_ONCE = "家|个|项|名|位|户|台|套|条|件|倍|成|番|分之|亿|万|元|年|月|日|％|%"
"""What 一 before it counts; before other words it is a way of speaking (一批, 一类)."""
_NOT_COUNTING = "第同每任某另这那统唯之单专"
_CHINESE = (
    rf"(?<![{_NOT_COUNTING}{_NUMERAL}])(?:[二三四五六七八九十两百千几数][{_NUMERAL}]*|一[{_NUMERAL}]+)[余多来]?(?:{_COUNTED})",
    rf"(?<![{_NOT_COUNTING}{_NUMERAL}])一(?:{_COUNTED_ONCE})",
    rf"(?<![第{_NUMERAL}])(?:[{_DIGIT}两几数]+[十百千万亿]|十[{_DIGIT}]|[十百千][万亿])[{_NUMERAL}]*",
    rf"[上近超过逾约][百千万亿]+[余多来]?(?:{_COUNTED})",
    rf"[{_DIGIT}]+[〇○零][{_DIGIT}〇○零]*",
    "[壹贰叁肆伍陆柒捌玖](?:拾|佰|仟|万|亿|元|圆|家|个|项|成)",
    "翻番|翻了?[一两]番|[过近一大减]半(?!导)|半数|双倍|成倍|倍增",
)
_ENGLISH = (
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen)\b",
    r"\b(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)\b(?:-[a-z]+)?",
    r"\b(?:hundreds?|thousands?|millions?|billions?|trillions?|dozens?|tens of|scores of|zero)\b",
    r"(?<!first )(?<!second )\b(?:half|halves)\b(?!-year)",
    r"\b(?:a quarter of|a third of|thirds|twice|doubl(?:e[ds]?|ing)|tripl(?:e[ds]?|ing)|quadrupled|[a-z]+fold)\b",
    r"(?<!no )(?<!any )(?<!every )(?<!each )(?<!this )(?<!that )\bone\b(?! of\b| another\b| or )",
)
_WORDED = re.compile("|".join([*_CHINESE, *(f"(?i:{each})" for each in _ENGLISH)]))
_ENUMERATION = re.compile(rf"^\s*[（(]?[{_DIGIT}十]+[）)、]")
_YEAR = re.compile(r"\(year([+-]\d{1,2})?\)")


def check_template(template: Template, language: str) -> Iterator[Problem]:
    """Every number typed in a template, titles of tables and charts included."""
    for part in template.parts:
        for cell in part.cells:
            for number, sentence in enumerate(sentences(cell, language)):
                yield from _in_sentence(sentence, language, template, part.where, first=number == 0)
    for reference in template.references():
        title = _YEAR.sub(" ", reference.options.get("title", ""))
        yield from _problems(without_terms(title, template.terms), reference.options.get("title", ""), reference.where)


def check_document(document: Document) -> Iterator[Problem]:
    """Every number in the plain words of a finished document: there each number must be a figure."""
    for block in document.blocks:
        for runs in _all_runs(block):
            for number, words in enumerate(_words(runs)):
                yield from _problems(_bare(words, number == 0), words, Where("document"))


def numbers_in(text: str) -> Iterator[str]:
    """The numbers that a text writes out, as written."""
    run = ""
    for character in text:
        if character.isnumeric() and not "\u4e00" <= character <= "\u9fff":
            run += character
        elif run:
            yield run
            run = ""
    if run:
        yield run
    yield from (found.group() for found in _WORDED.finditer(text))


def _in_sentence(sentence: Sentence, language: str, template: Template, where: Where, first: bool) -> Iterator[Problem]:
    for token, _unit in with_units(sentence.tokens, language):
        if isinstance(token, Reference):
            where, first = token.where, False
        elif isinstance(token, str):
            text = _bare(token, first)
            yield from _problems(without_terms(text, template.terms), sentence.written(), where)
            first = False


def _problems(text: str, sentence: str, where: Where) -> Iterator[Problem]:
    for number in dict.fromkeys(numbers_in(text)):
        yield Problem(TYPED, where, number, {"sentence": sentence})


def _bare(text: str, first: bool) -> str:
    return _ENUMERATION.sub("", text) if first else text


def without_terms(text: str, terms: Iterable[str]) -> str:
    """The text with a space in place of every fixed expression."""
    for term in sorted(terms, key=len, reverse=True):
        text = text.replace(term, " ")
    return text


def _all_runs(block: Heading | Paragraph | Items | Table | Chart) -> Iterator[tuple[Run, ...]]:
    match block:
        case Heading() | Paragraph():
            yield block.runs
        case Items():
            yield from block.items
        case Table():
            yield from (block.title, block.source, *block.header)
            yield from (cell for row in block.rows for cell in row)
        case Chart():
            yield block.title
            yield from _all_runs(block.table)


def _words(runs: Iterable[Run]) -> Iterator[str]:
    for run in runs:
        if isinstance(run, Words):
            yield run.text
        elif isinstance(run, Strong):
            yield from _words(run.runs)
