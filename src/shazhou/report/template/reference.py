"""References: what stands between ``{{`` and ``}}`` in a report's template.

    {{ gdp }}                                   the figure of the city in the report's year, with unit and marks
    {{ gdp period=(year-1) }}                   of the year before
    {{ output industry=metallurgy place=320582 }}
    {{ rd_share_of_gdp or=forecast }}           the actual value, or where there is none the forecast (and says so)
    {{ gdp kind=target period=(year+1) }}       what was promised
    {{ year }}  {{ year+1 }}                    the report's year as a name of a period
    {{ period: (year)-01-01/P6M }}              any period by its name
    {{ name: gdp }}                             the name of an indicator, place, industry or target; `city` is the city
    {{ list: industries group=established }}    names, joined as the language joins them
    {{ table: rows=indicators of=gdp,gdp_growth columns=periods from=(year-1) to=(year) title="..." }}
    {{ table: rows=industries group=emerging of=output,output_growth period=(year) title="..." }}
    {{ chart: lines of=gdp from=(year-5) to=(year) title="..." }}      shapes: lines, bars, stack
    {{ targets: to=(year) title="..." }}        promises due in or before that year; also from=, ids=, chart=yes

Options are ``key=value``, values with spaces in double quotes. ``(year)``, ``(year-1)``, ``(year)-06`` count from
the report's year, by less than a century; periods lie between 1900 and 2100. The rows of a table are ``industries``
(``group=`` or ``industries=``), ``places`` (``places=``, or all below the city), ``periods`` or ``indicators``; its
columns are the indicators of ``of=``, or with ``columns=periods`` the periods. ``table``, ``chart`` and ``targets``
stand alone in a paragraph.
Digits may stand in a reference and nowhere else in a template.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from shazhou.city.period import Period
from shazhou.city.problem import Problem, Refused, Rule, Where

MALFORMED = Rule(
    "report-reference",
    "{found} is no reference that a report understands: {why}.",
    "{found} 不是报告可用的引用：{why_zh}。",
    "See the forms in docs/report.md, for example gdp or gdp period=(year-1), between double braces.",
    "写法见 docs/report.md，例如双花括号中的 gdp 或 gdp period=(year-1)。",
)

BLOCKS = ("table", "chart", "targets")
_OPTIONS: dict[str, frozenset[str]] = {
    "figure": frozenset({"place", "period", "industry", "kind", "or"}),
    "year": frozenset(),
    "period": frozenset(),
    "name": frozenset(),
    "list": frozenset({"group", "industries", "places"}),
    "table": frozenset(
        [
            "rows",
            "columns",
            "of",
            "group",
            "industries",
            "places",
            "periods",
            "from",
            "to",
            "period",
            "place",
            "industry",
            "kind",
            "or",
            "title",
        ]
    ),
    "chart": frozenset(
        [
            "rows",
            "of",
            "group",
            "industries",
            "places",
            "periods",
            "from",
            "to",
            "period",
            "place",
            "industry",
            "kind",
            "or",
            "title",
        ]
    ),
    "targets": frozenset({"from", "to", "ids", "title", "chart"}),
}
_YEAR = re.compile(r"\(year([+-]\d{1,2})?\)")
_YEAR_NAME = re.compile(r"year([+-]\d{1,2})?")
_SAMPLE_YEAR = 2000
FIRST_YEAR, LAST_YEAR = 1900, 2100
"""A period outside of these is no period that a report tells of, but a number in disguise."""
LONGEST_SPAN = 60
"""Years that a table or chart may span."""
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Reference:
    """One reference as written: its verb, its subject and its options."""

    verb: str
    subject: str
    options: Mapping[str, str]
    text: str
    where: Where

    def option(self, name: str, year: int, default: str = "") -> str:
        """An option with the report's year put in."""
        return _with_year(self.options.get(name, default), year)

    def names(self, option: str, year: int) -> tuple[str, ...]:
        """A comma-separated option."""
        return tuple(part.strip() for part in self.option(option, year).split(",") if part.strip())

    def period(self, year: int, option: str = "period") -> str:
        """The period it asks for, in its shortest form; the report's year where it names none."""
        if self.verb == "period":
            return shortest(_with_year(self.subject, year))
        return shortest(self.option(option, year) or str(year))

    @property
    def years(self) -> int:
        """For ``{{ year+1 }}``: the distance from the report's year."""
        found = _YEAR_NAME.fullmatch(self.subject)
        return int(found[1] or 0) if found else 0


def parse_reference(text: str, where: Where) -> Reference:
    """The reference that ``text`` (without braces) is.

    Raises:
        Refused: it is none; the problem says why.
    """
    try:
        words = shlex.split(text)
    except ValueError:
        raise _refused(text, where, "its quotes do not close", "引号没有成对") from None
    if not words:
        raise _refused(text, where, "it is empty", "内容为空")
    verb, subject, rest = _head(words)
    if verb not in _OPTIONS:
        raise _refused(text, where, f"there is no {verb}:", f"没有 {verb}: 这种写法")
    options = {}
    for word in rest:
        key, equals, value = word.partition("=")
        if not equals or key not in _OPTIONS[verb]:
            raise _refused(text, where, f"{word} is no option of {verb}", f"{word} 不是 {verb} 的选项")
        options[key] = value
    _check_periods([subject] if verb == "period" else [], options, text, where)
    return Reference(verb, subject, options, text.strip(), where)


def shortest(text: str) -> str:
    """A period in its shortest form, so that one span of days has one text: ``2021-01-01/P1Y`` is ``2021``."""
    period = Period.parse(text)
    first, last = period.start, period.end
    for candidate in (f"{first:%Y}", f"{first:%Y}-Q{(first.month + 2) // 3}", f"{first:%Y-%m}", f"{first:%Y-%m-%d}"):
        found = Period.parse(candidate)
        if (found.start, found.end) == (first, last):
            return candidate
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    candidate = f"{first:%Y-%m-%d}/P{months}M"
    found = Period.parse(candidate)
    return candidate if (found.start, found.end) == (first, last) else text


def _head(words: list[str]) -> tuple[str, str, list[str]]:
    first = words[0]
    if first.endswith(":"):
        subject = words[1] if len(words) > 1 and "=" not in words[1] else ""
        return first[:-1], subject, words[2 if subject else 1 :]
    if _YEAR_NAME.fullmatch(first):
        return "year", first, words[1:]
    if _NAME.fullmatch(first):
        return "figure", first, words[1:]
    return first, "", words[1:]


def _with_year(text: str, year: int) -> str:
    return _YEAR.sub(lambda found: str(year + int(found[1] or 0)), text)


def _check_periods(named: list[str], options: Mapping[str, str], text: str, where: Where) -> None:
    given = [*named, *(options[key] for key in ("period", "from", "to") if key in options)]
    given += [part for part in options.get("periods", "").split(",") if part]
    for each in given:
        try:
            period = Period.parse(_with_year(each, _SAMPLE_YEAR))
        except ValueError:
            raise _refused(text, where, f"{each} is no period", f"{each} 不是时期") from None
        if period.start.year < FIRST_YEAR or period.end.year > LAST_YEAR:
            why, why_zh = (
                f"{each} is not within {FIRST_YEAR} to {LAST_YEAR}",
                f"{each} 不在 {FIRST_YEAR} 至 {LAST_YEAR} 年之间",
            )
            raise _refused(text, where, why, why_zh)
    first, last = (_with_year(options.get(key, ""), _SAMPLE_YEAR)[:4] for key in ("from", "to"))
    if first and last and not 0 <= int(last) - int(first) < LONGEST_SPAN:
        raise _refused(text, where, f"from and to span no 1 to {LONGEST_SPAN} years", f"起止须在 {LONGEST_SPAN} 年以内")


def _refused(text: str, where: Where, why: str, why_zh: str) -> Refused:
    return Refused([Problem(MALFORMED, where, "{{" + text + "}}", {"why": why, "why_zh": why_zh})])
