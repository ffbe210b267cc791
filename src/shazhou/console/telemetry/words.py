"""Codes of the machine side as people say them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from shazhou.console.look.frame import language
from shazhou.telemetry.presence.level import LEVELS
from shazhou.telemetry.presence.reasons import REASONS
from shazhou.telemetry.wall.standing import NOT_ENROLLED

PROVES: dict[int, Any] = {
    0: _("in the register as joining, nothing heard"),
    1: _("a gateway is connected; nothing it said holds yet"),
    2: _("a valid birth, sequence numbers hold"),
    3: _("values move as those of machines do, with times and quality that hold"),
    4: _("live, and a challenge at a random moment was answered"),
}
MODES: dict[str, Any] = {
    "full": _("full: every tag"),
    "rollup": _("roll-ups: signed minutes, no tags"),
    "pulse": _("pulse: presence only"),
}
STATES: tuple[Any, ...] = (_("not available"), _("out of service"), _("not executing"), _("executing"))
ORIGINS: dict[str, Any] = {"simulated": _("simulated"), "recorded": _("played back from a recording")}


def level_name(level: int) -> str:
    """What a level is called."""
    return LEVELS[level][language()]


def level_words(level: int) -> str:
    """A level with its number."""
    return f"L{level} {level_name(level)}"


def reason_words(code: str) -> str:
    """Why something is not online; a code that is not known stays one."""
    if code == NOT_ENROLLED:
        return str(_("Promised, but in no register of enterprises that connect."))
    return REASONS[code].says(language()) if code in REASONS else code


def doubt_words(kind: str) -> str:
    """What a kind of doubt says; one that is not known stays as it is."""
    return reason_words(f"doubt-{kind}") if f"doubt-{kind}" in REASONS else kind


def moment(at: int, zone: str, form: str = "%Y-%m-%d %H:%M") -> str:
    """A moment (ms) as a clock in the city's zone shows it."""
    return datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).strftime(form)
