"""Fields that do not fit their definition: what pydantic finds, said in both languages and with its line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from shazhou.city.lines import Lined, Path
from shazhou.city.problem import Problem, Rule

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

MISSING_FIELD = Rule(
    "field-missing",
    "{field} is missing.",
    "缺少 {field}。",
    "Add it; names are needed in Chinese (zh) and English (en).",
    "请补上；名称须有中文（zh）和英文（en）。",
)
UNKNOWN_FIELD = Rule(
    "field-unknown",
    "{field} is not a field of this definition.",
    "此定义没有字段 {field}。",
    "Remove it or correct its name{hint}.",
    "请删除该字段，或改正名称{hint}。",
)
BAD_FIELD = Rule(
    "field-value",
    "{field} is {found}; {why_en}.",
    "{field} 为 {found}；{why_zh}。",
    "Correct the value.",
    "请改正该值。",
)

LONGEST = 60
"""Characters of a wrong value that are shown."""

_WHY: Mapping[str, tuple[str, str]] = {
    "string_type": ("应为文本，数字请加引号", "it must be a text; put quotes around digits"),
    "string_too_short": ("不能为空", "it must not be empty"),
    "string_too_long": ("不得超过 {max_length} 个字符", "it must have at most {max_length} characters"),
    "string_pattern_mismatch": ("应符合格式 {pattern}", "it must have the form {pattern}"),
    "int_type": ("应为整数", "it must be a whole number"),
    "int_parsing": ("应为整数", "it must be a whole number"),
    "int_from_float": ("应为整数", "it must be a whole number"),
    "int_parsing_size": ("应为整数，且不得过大", "it must be a whole number, and not that large"),
    "float_type": ("应为数字", "it must be a number"),
    "float_parsing": ("应为数字", "it must be a number"),
    "decimal_type": ("应为数字", "it must be a number"),
    "decimal_parsing": ("应为数字", "it must be a number"),
    "finite_number": ("应为有限的数字", "it must be a finite number"),
    "bool_type": ("应为 true 或 false", "it must be true or false"),
    "bool_parsing": ("应为 true 或 false", "it must be true or false"),
    "literal_error": ("只能是 {expected}", "it must be {expected}"),
    "union_tag_invalid": ("只能是 {expected_tags}", "it must be {expected_tags}"),
    "union_tag_not_found": ("须写明 {discriminator}", "it must say its {discriminator}"),
    "greater_than_equal": ("不得小于 {ge}", "it must be at least {ge}"),
    "greater_than": ("须大于 {gt}", "it must be more than {gt}"),
    "less_than_equal": ("不得大于 {le}", "it must be at most {le}"),
    "less_than": ("须小于 {lt}", "it must be less than {lt}"),
    "list_type": ("应为列表", "it must be a list"),
    "tuple_type": ("应为列表", "it must be a list"),
    "too_short": ("至少要有一项", "it must have at least one item"),
    "no_pattern": ("不是有效的正则表达式：{detail}", "it is no regular expression: {detail}"),
    "no_replacement": ("无法按此填充：{detail}", "it cannot be filled in: {detail}"),
    "first_period": ("应为与报送频率相符的时期", "it must be a period of the collection's frequency"),
    "no_hours": (
        "{detail} 不是有效的工作时间，应写成 mon-fri 08:00-17:30",
        "{detail} is no line of working hours; write mon-fri 08:00-17:30",
    ),
    "no_port": ("端口应为 1 至 {highest}，而非 {detail}", "the port must be from 1 to {highest}, not {detail}"),
    "no_zone": ("没有时区 {detail}", "there is no time zone {detail}"),
    "no_line_end": (
        "只支持以字节 10 作为行尾的编码，如 utf-8 或 gb18030",
        "it must be an encoding in which a line ends with the byte 10, such as utf-8 or gb18030",
    ),
    "no_encoding": ("不是已知的编码", "it is no known encoding"),
    "dict_type": ("应为字段的集合", "it must be a set of fields"),
    "model_type": ("应为字段的集合", "it must be a set of fields"),
    "date_type": ("应为日期，如 2025-12-31", "it must be a date such as 2025-12-31"),
    "date_parsing": ("应为日期，如 2025-12-31", "it must be a date such as 2025-12-31"),
    "date_from_datetime_parsing": ("应为日期，如 2025-12-31", "it must be a date such as 2025-12-31"),
}


def field_problems(error: ValidationError, lined: Lined, path: Path, known: Collection[str]) -> Iterator[Problem]:
    """Every field that pydantic refused, at the line it stands on.

    Args:
        error: what pydantic found.
        lined: the file.
        path: where in the file the definition stands.
        known: names of fields, of which one is proposed for a misspelt one.
    """
    for place, each in _distinct(error, lined, path):
        where = lined.where(place)
        field = ".".join(str(part) for part in place)
        if each["type"] == "missing":
            yield Problem(MISSING_FIELD, where, "", {"field": field})
        elif each["type"] == "extra_forbidden":
            close = get_close_matches(str(each["loc"][-1]), known, 1)
            yield Problem(UNKNOWN_FIELD, where, "", {"field": field, "hint": f" ({close[0]}?)" if close else ""})
        else:
            zh, en = _reason(each["type"], each["msg"], each.get("ctx", {}))
            yield Problem(BAD_FIELD, where, shown(each["input"]), {"field": field, "why_zh": zh, "why_en": en})


def _distinct(error: ValidationError, lined: Lined, path: Path) -> Iterator[tuple[Path, ErrorDetails]]:
    """One error for each field. Where a field may be of several kinds, pydantic refuses it once for each kind: the
    error that lies deepest in it is meant."""
    found: dict[Path, ErrorDetails] = {}
    for each in error.errors(include_url=False):
        place = lined.known((*path, *each["loc"]))
        found.setdefault((*place, each["loc"][-1]) if each["type"] == "missing" else place, each)
    for place, each in found.items():
        deeper = any(len(other) > len(place) and other[: len(place)] == place for other in found)
        if not (deeper and each["type"].endswith(("_type", "too_short"))):
            yield place, each


def shown(value: object) -> str:
    """A value as a problem shows it: not longer than anybody would read."""
    text = "" if value is None else str(value)
    if not text.strip():
        return "empty (空)"
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _reason(kind: str, message: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """Why a value is none, in Chinese and English."""
    if kind not in _WHY:
        told = message[:1].lower() + message[1:]
        return f"不符合要求（{told}）", told
    zh, en = _WHY[kind]
    given = {name: str(value).replace("'", "").replace('"', "") for name, value in context.items()}
    expected = str(context.get("expected", ""))
    return (
        zh.format_map({**given, "expected": _alternatives(expected, " 或 ", '""（空）')}),
        en.format_map({**given, "expected": _alternatives(expected, " or ", '"" (none)')}),
    )


def _alternatives(listed: str, before_last: str, none: str) -> str:
    """Alternatives as pydantic lists them, without quotes but for the empty one, which would not be seen."""
    marked = listed.replace("''", "\0").replace("'", "").replace('"', "")
    return marked.replace(" or ", before_last).replace("\0", none)
