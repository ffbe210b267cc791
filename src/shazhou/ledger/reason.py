"""Reasons: what is taken away is taken away for one, which stays in the chain for good."""

from __future__ import annotations

from shazhou.city.problem import Problem, Refused, Rule, Where

BLANK_REASON = Rule(
    "reason-blank",
    "No reason is given.",
    "没有写明原因。",
    "Say why with --reason; it is kept for good.",
    "请用 --reason 写明原因；原因将永久保留。",
)


def given_reason(reason: str) -> str:
    """The reason without blanks around it; Refused where nothing is left."""
    if not reason.strip():
        raise Refused([Problem(BLANK_REASON, Where(column="--reason"), reason)])
    return reason.strip()
