"""The levels of the ladder of presence, as they are called everywhere."""

from __future__ import annotations

from typing import TypedDict


class Called(TypedDict):
    """A name in both languages."""

    zh: str
    en: str


LEVELS: tuple[Called, ...] = (
    {"zh": "已承诺接入", "en": "promised"},
    {"zh": "已建会话", "en": "session"},
    {"zh": "有报文", "en": "speaking"},
    {"zh": "活跃", "en": "live"},
    {"zh": "已通过抽查", "en": "challenged"},
)
"""What the levels 0 to 4 are called."""
