"""Commands of the host to an agent, as NCMD and DCMD carry them: by name or by the alias of the birth."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from shazhou.telemetry import names
from shazhou.telemetry.sparkplug.descriptor import Payload


@dataclass(frozen=True)
class Ask:
    """A tag that the host wants read now."""

    device: str
    metric: str
    nonce: str


@dataclass(frozen=True)
class Command:
    """What a message asks for; several things at once are possible, and nothing is where it was not understood.

    ``agent`` is the buffer whose records are ``confirmed``.
    """

    rebirth: bool = False
    challenge: str = ""
    confirmed: int | None = None
    agent: str = ""
    read: Ask | None = None


def understood(content: bytes, names_by_alias: Mapping[int, str]) -> Command:
    """The command in a payload; whatever else it holds is left aside."""
    try:
        payload = Payload.FromString(content)
    except DecodeError:
        return Command()
    rebirth, challenge, confirmed, agent, read = False, "", None, "", None
    for metric in payload.metrics:
        name = metric.name or names_by_alias.get(metric.alias, "")
        if name == names.REBIRTH:
            rebirth = bool(metric.boolean_value)
        elif name == names.CHALLENGE:
            challenge = metric.string_value
        elif name == names.CONFIRMED and metric.HasField("long_value"):
            confirmed = int(metric.long_value)
        elif name == names.AGENT:
            agent = metric.string_value
        elif name == names.READ:
            read = _asked(metric.string_value)
    return Command(rebirth, challenge, confirmed, agent, read)


def _asked(text: str) -> Ask | None:
    try:
        asked = json.loads(text)
        return Ask(str(asked["device"]), str(asked["metric"]), str(asked["nonce"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
