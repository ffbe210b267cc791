"""Topics of Sparkplug B: ``spBv1.0/group/type/node[/device]`` and ``spBv1.0/STATE/host``."""

from __future__ import annotations

from dataclasses import dataclass

NAMESPACE = "spBv1.0"
NODE_TYPES = frozenset({"NBIRTH", "NDEATH", "NDATA", "NCMD"})
DEVICE_TYPES = frozenset({"DBIRTH", "DDEATH", "DDATA", "DCMD"})
_FORBIDDEN = frozenset("+#\0")


class NotSparkplug(ValueError):
    """A topic that Sparkplug does not know; its text is a short reason such as ``topic-parts``."""


@dataclass(frozen=True, slots=True)
class Topic:
    """Where a message of an edge node or of one of its devices goes. ``device`` is empty for the node itself."""

    group: str
    type: str
    node: str
    device: str = ""

    def __str__(self) -> str:
        text = f"{NAMESPACE}/{self.group}/{self.type}/{self.node}"
        return f"{text}/{self.device}" if self.device else text


def parse(text: str) -> Topic:
    """The topic that a text names.

    Raises:
        NotSparkplug: other namespace, unknown type, too few or too many parts, an empty part, or one that no topic may
            hold (some brokers let it pass, but nothing can be sent back there).
    """
    parts = text.split("/")
    if parts[0] != NAMESPACE:
        raise NotSparkplug("topic-namespace")
    if not 4 <= len(parts) <= 5:
        raise NotSparkplug("topic-parts")
    if not all(parts):
        raise NotSparkplug("topic-empty-part")
    if not _FORBIDDEN.isdisjoint(text):
        raise NotSparkplug("topic-wildcard")
    kind = parts[2]
    if kind not in (NODE_TYPES if len(parts) == 4 else DEVICE_TYPES):
        raise NotSparkplug("topic-type")
    return Topic(parts[1], kind, parts[3], parts[4] if len(parts) == 5 else "")


def state(host: str) -> str:
    """Topic of a host application's STATE."""
    return f"{NAMESPACE}/STATE/{host}"
