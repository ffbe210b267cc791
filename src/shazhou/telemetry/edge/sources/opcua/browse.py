"""Finding a server's variables by browsing, within bounds.

An address space may be endless or go round in circles; so each node is visited once, no deeper than ``depth``, and the
search ends after ``most`` variables and says that it did. Variables of the server itself (namespace 0) are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.object_ids import ObjectIds

from shazhou.telemetry.edge.sources.opcua.limits import Limits, in_chunks
from shazhou.telemetry.edge.sources.opcua.nodes import local, standard_node

MOST = 20_000
DEPTH = 12

_DESCRIBED = ua.UInt32(ua.BrowseResultMask.All)
_CLASSES = ua.UInt32(ua.NodeClass.Object | ua.NodeClass.Variable)


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable found: browse names from where the search began, and its node."""

    path: str
    node: ua.NodeId


@dataclass(frozen=True, slots=True)
class Found:
    """What browsing found; ``complete`` is False where a bound ended it."""

    variables: tuple[Variable, ...]
    complete: bool


async def children(client: Client, nodes: Sequence[ua.NodeId], limits: Limits) -> list[list[ua.ReferenceDescription]]:
    """The objects and variables that hierarchical references lead to, for each node; none for one that refuses."""
    session = client.uaclient.session

    async def browse(chunk: Sequence[ua.NodeId]) -> Sequence[ua.BrowseResult]:
        asked = ua.BrowseParameters()
        asked.View.Timestamp = ua.get_win_epoch()
        asked.RequestedMaxReferencesPerNode = 0
        asked.NodesToBrowse = [_description(node) for node in chunk]
        return await session.browse(asked)

    results = await in_chunks(nodes, limits.browse, browse)
    found: list[list[ua.ReferenceDescription]] = []
    for result in results:
        references = list(result.References or [])
        point = result.ContinuationPoint
        while point:
            following = ua.BrowseNextParameters()
            following.ContinuationPoints = [point]
            answer = (await session.browse_next(following))[0]
            references.extend(answer.References or [])
            point = answer.ContinuationPoint
        found.append(references)
    return found


async def variables(client: Client, start: ua.NodeId, limits: Limits, depth: int = DEPTH, most: int = MOST) -> Found:
    """The variables below a node, level by level, at most ``most`` of them and ``depth`` levels deep."""
    found: list[Variable] = []
    seen = {start}
    level = [("", start)]
    for _ in range(depth):
        following: list[tuple[str, ua.NodeId]] = []
        for (path, _node), references in zip(
            level, await children(client, [node for _, node in level], limits), strict=True
        ):
            for reference in references:
                node = local(reference.NodeId)
                if node in seen or (node.NamespaceIndex == 0 and reference.NodeClass == ua.NodeClass.Variable):
                    continue
                if node.NamespaceIndex == 0 and node.Identifier == ObjectIds.Server:
                    continue
                seen.add(node)
                name = f"{path}/{reference.BrowseName.Name}" if path else str(reference.BrowseName.Name)
                following.append((name, node))
                if reference.NodeClass == ua.NodeClass.Variable:
                    found.append(Variable(name, node))
                if len(found) >= most or len(seen) >= 4 * most:
                    return Found(tuple(found), False)
        if not following:
            return Found(tuple(found), True)
        level = following
    return Found(tuple(found), False)


def _description(node: ua.NodeId) -> ua.BrowseDescription:
    asked = ua.BrowseDescription()
    asked.NodeId = node
    asked.BrowseDirection = ua.BrowseDirection.Forward
    asked.ReferenceTypeId = standard_node(ObjectIds.HierarchicalReferences)
    asked.IncludeSubtypes = True
    asked.NodeClassMask = _CLASSES
    asked.ResultMask = _DESCRIBED
    return asked
