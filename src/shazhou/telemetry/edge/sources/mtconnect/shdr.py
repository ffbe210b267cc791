"""SHDR, the lines that an MTConnect adapter sends: parsed one by one, with or without a device model.

    2022-08-08T13:51:36.7711738Z|pexecution|ACTIVE|pmode|AUTOMATIC     observations: item, value, item, value, …
    2022-08-08T13:51:36.77Z|system|FAULT|401|1|HIGH|servo not ready    a condition: level, code, severity, …
    2022-08-08T13:51:36.77Z|message|7|door open                        a message: item, code, text
    2022-08-08T13:51:36.77Z@12.5|x|1.0                                 with a duration, which is not kept
    2022-08-08T13:51:36.77Z|lathe:x|1.0                                an item of one of several devices
    2022-08-08T13:51:36.77Z|@ASSET@|7.1|CuttingTool|--multiline--AB    an asset over several lines until the same mark
    * PING, * PONG 10000, * shdrVersion: 2.0                           commands

Assets are read to their end and dropped: tools are no telemetry. Values are in the adapter's native units. Numbers
become float where the model says that the item is one, without a model where they look like one. A moment without zone
is UTC; a line without moment gets the moment of its arrival.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from shazhou.telemetry.edge.source import Reading
from shazhou.telemetry.edge.sources.mtconnect.condition import LEVELS, Conditions
from shazhou.telemetry.edge.sources.mtconnect.model import DataItem
from shazhou.telemetry.edge.sources.mtconnect.state import UNAVAILABLE
from shazhou.telemetry.sparkplug.payload import BAD, GOOD

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_DIGITS = re.compile(r"\.(\d+)")
_MULTILINE = "--multiline--"


def moment(text: str, arrival: int) -> int:
    """Milliseconds since 1970 UTC of a moment as MTConnect writes it, with as many digits as one likes; ``arrival``
    where there is none. Raises ValueError."""
    said = text.partition("@")[0].strip()
    if not said:
        return arrival
    at = datetime.fromisoformat(_DIGITS.sub(lambda match: "." + match[1][:6].ljust(6, "0"), said))
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)


def observed(tag: str, text: str, at: int, as_number: bool) -> Reading:
    """An observation as a reading; UNAVAILABLE has no value and quality BAD."""
    value = text.strip()
    if value.upper() == UNAVAILABLE:
        return Reading(tag, None, at, BAD)
    return Reading(tag, float(value) if as_number and _NUMBER.fullmatch(value) else value, at, GOOD)


class Parser:
    """Lines to readings; keeps what a line alone does not say (open assets, the active conditions of an item).

    ``items`` is the device model by id, empty for none. ``malformed`` counts lines that could not be read.
    """

    def __init__(self, items: Mapping[str, DataItem]) -> None:
        self._items = {word: item for item in items.values() for word in reversed(item.words)}
        self._conditions = Conditions()
        self._until = ""
        self.malformed = 0

    def readings(self, line: str, arrival: int) -> list[Reading]:
        """What the line says, under the adapter's words; nothing for commands, assets and lines that cannot be read."""
        line = line.rstrip("\r\n")
        if self._until:
            if line.strip() == self._until:
                self._until = ""
            return []
        if not line.strip() or line.startswith("*"):
            return []
        fields = _split(line)
        if len(fields) > 1 and fields[1].startswith("@"):
            if _MULTILINE in fields[-1]:
                self._until = fields[-1][fields[-1].index(_MULTILINE) :].strip()
            return []
        try:
            at = moment(fields[0], arrival)
        except ValueError:
            self.malformed += 1
            return []
        return list(self._observations(fields[1:], at))

    def _observations(self, fields: list[str], at: int) -> Iterator[Reading]:
        while len(fields) > 1:
            name = fields[0].rpartition(":")[2].strip()
            item = self._items.get(name)
            if _is_condition(item, fields):
                level, code = fields[1].strip().upper(), fields[2].strip() if len(fields) > 2 else ""
                worst = self._conditions.worst(name, level, code)
                yield observed(name, UNAVAILABLE if worst is None else worst, at, as_number=False)
                return
            if _is_message(item, fields):
                yield observed(name, " ".join(filter(None, fields[1:3])), at, as_number=False)
                return
            if item is not None and item.representation == "TIME_SERIES":
                yield observed(name, "".join(fields[3:4]), at, as_number=False)
                fields = fields[4:]
                continue
            yield observed(name, fields[1], at, as_number=item is None or item.numeric)
            fields = fields[2:]
        if any(field.strip() for field in fields):
            self.malformed += 1


def _is_condition(item: DataItem | None, fields: list[str]) -> bool:
    if item is not None:
        return item.category == "CONDITION"
    level = fields[1].strip().upper()
    return len(fields) == 6 and (level in LEVELS or (level == UNAVAILABLE and not any(fields[2:])))


def _is_message(item: DataItem | None, fields: list[str]) -> bool:
    if item is not None:
        return item.category == "EVENT" and item.type == "MESSAGE"
    return len(fields) == 3


def _split(line: str) -> list[str]:
    """Fields between bars; a bar within a quoted field is written ``\\|``."""
    if "\\|" not in line:
        return line.split("|")
    return [field.replace("\0", "|").strip('"') for field in line.replace("\\|", "\0").split("|")]
