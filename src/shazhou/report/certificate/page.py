"""A certificate as data for the typesetter's template: every printed text, cut where its line may break."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from shazhou.report.certificate import labels
from shazhou.report.pdf.typesetting import pieces

Certificate = Mapping[str, Any]
Node = dict[str, Any]

SHOWN = {"challenges": 24, "gaps": 24, "doubts": 12, "machines": 24}
"""Entries that are printed at most; the attached JSON has all."""


def page(certificate: Certificate) -> Node:
    """What the template prints."""
    verdict, rule, enterprise = (certificate[name] for name in ("verdict", "rule", "enterprise"))
    return {
        "title": labels.TITLE,
        "author": _both(certificate["city"]["name"]),
        "mark": _text(labels.MARKS[certificate["origin"]]),
        "watermark": labels.WATERMARKS[certificate["origin"]],
        "head": _text(f"{_both(certificate['city']['name'])} · {certificate['month']}"),
        "online": verdict["online"],
        "verdict": _verdict(certificate),
        "facts": _facts(certificate, enterprise, rule),
        "labels": {name: _text(said) for name, said in labels.LABELS.items()},
        "heat": {"days": [_day(each) for each in certificate["days"]], "legend": _text(labels.HEAT_MAP)},
        "proves": [
            _text(f"{_both(each)} {labels.LABELS['highest']}: {each['highest']}") for each in certificate["proves"]
        ],
        "tables": [_table(certificate, name, rows) for name, rows in _ROWS.items()],
        "does_not_prove": [_text(_both(each)) for each in certificate["does_not_prove"]],
        "would_settle": [_text(_both(each)) for each in certificate["would_settle"]],
        "signature": _signature(certificate),
        "how": _text(labels.HOW),
    }


def texts(node: Any) -> Iterator[str]:
    """Every text that is printed."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for each in node.values():
            yield from texts(each)
    elif isinstance(node, list):
        for each in node:
            yield from texts(each)


def _text(said: str) -> list[str]:
    return pieces(said)


def _both(said: Mapping[str, str]) -> str:
    zh, en = said.get("zh", ""), said.get("en", "")
    return f"{zh} {en}".strip() if zh != en else zh


def _verdict(certificate: Certificate) -> Node:
    verdict, rule = certificate["verdict"], certificate["rule"]
    numbers = {
        "days": verdict["days"],
        "asked": rule["days"],
        "challenges": verdict["challenges"],
        "wanted": rule["challenges"],
    }
    lines = [labels.VERDICT.format(**numbers) + labels.VERDICT_EN.format(**numbers)]
    if not verdict["online"]:
        lines.insert(0, _both(verdict["reason"]))
    if not certificate["complete"]:
        lines.append(labels.SO_FAR.format(until=certificate["until"]))
    return {
        "word": _text(labels.ONLINE if verdict["online"] else labels.NOT_ONLINE),
        "lines": [_text(line) for line in lines],
    }


def _facts(certificate: Certificate, enterprise: Certificate, rule: Certificate) -> list[Node]:
    share = f"{Decimal(rule['share']) * 100:f}".rstrip("0").rstrip(".") + " %"
    told = labels.RULE.format(days=rule["days"], share=share, level=rule["level"], challenges=rule["challenges"])
    values = {
        "enterprise": _both(enterprise["name"]) or enterprise["entity"],
        "node": enterprise["node"],
        "town": _both(enterprise["town"]) or enterprise["town"]["key"],
        "industry": _both(enterprise["industry"]) or enterprise["industry"]["key"],
        "joined": enterprise["joined"],
        "working_hours": "; ".join(rule["working_hours"]),
        "key": enterprise["key"],
        "rule": told,
    }
    return [_fact(name, value or labels.NOT_STATED) for name, value in values.items()]


def _fact(name: str, value: str) -> Node:
    return {"label": _text(labels.LABELS[name]), "value": _text(value)}


def _day(day: Certificate) -> Node:
    live, working = (f"{day[name] / 3600:.1f}" for name in ("live_seconds", "working_seconds"))
    return {
        "day": day["day"][-2:],
        "hours": [
            {"level": level.replace("-", "–"), "lowered": level != before, "working": at_work == "1"}
            for level, before, at_work in zip(day["levels"], day["without_doubts"], day["at_work"], strict=True)
        ],
        "live": f"{live} / {working}" if day["working_seconds"] else labels.NOT_STATED,
        "reached": day["reached"],
    }


def _table(certificate: Certificate, name: str, row: Callable[[Certificate], Sequence[str]]) -> Node:
    entries = certificate[name]
    left = len(entries) - SHOWN[name]
    return {
        "title": _text(labels.LABELS[name]),
        "widths": labels.WIDTHS[name],
        "header": [_text(each) for each in labels.COLUMNS[name]],
        "rows": [[_text(cell) for cell in row(each)] for each in entries[: SHOWN[name]]],
        "none": _text(labels.NONE),
        "more": _text(labels.MORE.format(count=left)) if left > 0 else [],
    }


def _challenge(each: Certificate) -> Sequence[str]:
    outcome = labels.OUTCOMES[each["passed"]]
    return _moment(each["at"]), f"{outcome}: {each['why']}" if each["why"] else outcome, labels.READS[each["read"]]


def _gap(each: Certificate) -> Sequence[str]:
    end = labels.LASTS if each["to"] is None else _moment(each["to"])
    return _moment(each["from"]), end, labels.GAPS[each["kind"]], str(each["missing"] or labels.NOT_STATED)


def _doubt(each: Certificate) -> Sequence[str]:
    evidence = ", ".join(f"{name}: {_plain(found)}" for name, found in each["evidence"].items())
    span = f"{_moment(each['from'])} – {_moment(each['to'])}"
    return _both(each), each["device"] or labels.NOT_STATED, span, str(each["lowers_to"]), evidence


def _plain(found: Any) -> str:
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)


def _machine(each: Certificate) -> Sequence[str]:
    hours = (f"{each[name] / 3600:,.1f}" for name in ("executing_seconds", "live_seconds"))
    counts = (each["pieces"], each["good_pieces"], each["energy_kwh"])
    return each["device"], *hours, *map(_number, counts), str(each["failures"])


def _number(value: float | None) -> str:
    return labels.NOT_STATED if value is None else f"{value:,}"


def _moment(text: str) -> str:
    return text[:16].replace("T", " ")


def _signature(certificate: Certificate) -> list[Node]:
    ledger, signature = certificate["ledger"], certificate["signature"]
    values = {
        "city_key": signature["key"],
        "signed_value": signature["value"],
        "head": ledger["head"],
        "month_in": ledger["month_in"] or labels.NOT_STATED,
        "made": certificate["made"],
    }
    return [_fact(name, value) for name, value in values.items()]


_ROWS: dict[str, Callable[[Certificate], Sequence[str]]] = {
    "challenges": _challenge,
    "gaps": _gap,
    "doubts": _doubt,
    "machines": _machine,
}
