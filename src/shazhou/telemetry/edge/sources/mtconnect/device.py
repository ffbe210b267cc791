"""From what is observed of a device to the tags that were asked for, its state and mode among them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby

from shazhou.telemetry.edge.source import Reading, Value
from shazhou.telemetry.edge.sources.mtconnect.model import DataItem
from shazhou.telemetry.edge.sources.mtconnect.state import MODE_TAG, STATE_TAG, Machine


class Device:
    """What was last heard of one device within one connection, made at ``since``.

    A tag is an item's id, name or source word, whichever of them the device uses itself. An observation that repeats
    value and time of the one before is passed over. What a new connection tells first has the time at which it last
    changed; the state that follows holds from ``since`` on, since before that nobody knew it.
    """

    def __init__(self, items: Mapping[str, DataItem], tags: Collection[str], since: int) -> None:
        self._tags = tuple(tags)
        self._wanted: dict[str, tuple[str, ...]] = {tag: (tag,) for tag in tags}
        for item in items.values():
            asked = tuple(tag for tag in tags if tag in item.words)
            self._wanted |= dict.fromkeys(item.words, asked) if asked else {}
        self._items, self._since = items, since
        self._machine = Machine(items)
        self._last: dict[str, tuple[int, Value]] = {}

    def missing(self) -> list[str]:
        """Tags that the model does not have."""
        known = {word for item in self._items.values() for word in item.words} | {STATE_TAG, MODE_TAG}
        return [tag for tag in self._tags if tag not in known]

    def tagged(self, observations: Iterable[Reading]) -> Iterator[Reading]:
        """The observations under the tags asked for, and after those of one moment the state and mode that follow."""
        for at, together in groupby(observations, key=lambda heard: heard.at):
            bearing = False
            for heard in together:
                for tag in self._wanted.get(heard.tag, ()):
                    yield from self._new(Reading(tag, heard.value, heard.at, heard.quality))
                bearing = self._machine.hear(heard.tag, heard.value) or bearing
            for tag, found in ((STATE_TAG, self._machine.state), (MODE_TAG, self._machine.mode)) if bearing else ():
                if tag in self._tags and found is not None:
                    yield from self._new(Reading(tag, int(found), max(at, self._since)))

    def _new(self, reading: Reading) -> Iterator[Reading]:
        if self._last.get(reading.tag) != (reading.at, reading.value):
            self._last[reading.tag] = (reading.at, reading.value)
            yield reading
