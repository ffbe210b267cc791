"""Servers with OPC UA for Machinery (OPC 40001-1): the state and operation mode of each machine, found by browsing.

A machine has a component MachineryItemState (and perhaps MachineryOperationMode), a state machine whose variable
CurrentState holds the state's name. Machines stand in the folder Machines; what is found elsewhere counts as well.
"""

from __future__ import annotations

from dataclasses import replace
from enum import IntEnum

from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.object_ids import ObjectIds

from shazhou.telemetry.edge.source import Reading
from shazhou.telemetry.edge.sources.opcua.browse import children
from shazhou.telemetry.edge.sources.opcua.limits import Limits
from shazhou.telemetry.edge.sources.opcua.nodes import local, standard_node
from shazhou.telemetry.names import OperationMode, State

NAMESPACE = "http://opcfoundation.org/UA/Machinery/"
STATE, MODE = "State", "Operation Mode"
TAGS = {"MachineryItemState": STATE, "MachineryOperationMode": MODE}
DEPTH, MOST = 6, 20_000
"""Levels below Objects and nodes after which the search ends."""

_NAMES: dict[str, dict[str, IntEnum]] = {
    STATE: {
        "NotAvailable": State.NOT_AVAILABLE,
        "OutOfService": State.OUT_OF_SERVICE,
        "NotExecuting": State.NOT_EXECUTING,
        "Executing": State.EXECUTING,
    },
    MODE: {
        "None": OperationMode.NONE,
        "Maintenance": OperationMode.MAINTENANCE,
        "Setup": OperationMode.SETUP,
        "Processing": OperationMode.PROCESSING,
    },
}


def is_machinery(tag: str) -> bool:
    """Whether the tag asks for a state or mode as this file gives them."""
    return tag.rpartition("/")[2] in (STATE, MODE)


def standard(heard: Reading) -> Reading:
    """A CurrentState as the standard's number; without value where the text is none of the standard's names."""
    if heard.value is None or isinstance(heard.value, int):
        return heard
    names = _NAMES[heard.tag.rpartition("/")[2]]
    found = names.get(str(heard.value).replace(" ", ""))
    return replace(heard, value=None if found is None else int(found))


async def machines(client: Client, limits: Limits) -> dict[str, ua.NodeId]:
    """The node of each machine's CurrentState by tag: ``<machine>/State``, just ``State`` where it is the only one."""
    if NAMESPACE not in await client.get_namespace_array():
        return {}
    found: dict[str, ua.NodeId] = {}
    seen: set[ua.NodeId] = set()
    level = [("", standard_node(ObjectIds.ObjectsFolder))]
    for _ in range(DEPTH):
        following: list[tuple[str, ua.NodeId]] = []
        for (owner, _node), references in zip(
            level, await children(client, [node for _, node in level], limits), strict=True
        ):
            for reference in references:
                node = local(reference.NodeId)
                name = str(reference.BrowseName.Name)
                if node in seen or node == standard_node(ObjectIds.Server):
                    continue
                seen.add(node)
                if name in TAGS:
                    if (current := await _current(client, node, limits)) is not None:
                        found.setdefault(f"{owner}/{TAGS[name]}", current)
                elif reference.NodeClass == ua.NodeClass.Object:
                    following.append((owner if name == "MachineryBuildingBlocks" else name, node))
        if not following or len(seen) > MOST:
            break
        level = following
    if len({tag.partition("/")[0] for tag in found}) == 1:
        found = {tag.rpartition("/")[2]: node for tag, node in found.items()}
    return found


async def _current(client: Client, machine: ua.NodeId, limits: Limits) -> ua.NodeId | None:
    for reference in (await children(client, [machine], limits))[0]:
        if reference.BrowseName.Name == "CurrentState":
            return local(reference.NodeId)
    return None
