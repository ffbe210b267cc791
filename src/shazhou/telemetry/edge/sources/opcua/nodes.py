"""Node ids: the standard's own, those within this server, and those that people write."""

from __future__ import annotations

from collections.abc import Sequence

from asyncua import ua
from asyncua.ua.uaerrors import UaStringParsingError

WRITTEN = ("ns=", "nsu=", "i=", "s=", "g=", "b=")
"""How a node id as text begins."""


def standard_node(number: int) -> ua.NodeId:
    """A node of the standard's own namespace."""
    return ua.NodeId(ua.Int32(number), ua.Int16(0))


def local(node: ua.NodeId) -> ua.NodeId:
    """The node id within this server, without what an expanded one adds."""
    return ua.NodeId(node.Identifier, node.NamespaceIndex, node.NodeIdType)


def node_id(text: str, namespaces: Sequence[str]) -> ua.NodeId | None:
    """A node id as text, with a namespace by number (``ns=``) or by address (``nsu=``); None where it is none."""
    try:
        node = ua.NodeId.from_string(text)
    except UaStringParsingError:
        return None
    if isinstance(node, ua.ExpandedNodeId) and node.NamespaceUri:
        if node.NamespaceUri not in namespaces:
            return None
        return ua.NodeId(node.Identifier, ua.Int16(namespaces.index(node.NamespaceUri)), node.NodeIdType)
    return node
