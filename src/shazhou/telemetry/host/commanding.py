"""Commands by people: only metrics that were born, only values that their types can carry."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable
from typing import Any

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.telemetry.host.host import Host
from shazhou.telemetry.host.node import Node
from shazhou.telemetry.sparkplug.datatype import SIGNED, UNSIGNED, DataType, to_wire
from shazhou.telemetry.sparkplug.payload import Sample

NOT_ONLINE = Rule(
    "node-not-online",
    "{found} is not online.",
    "{found} 不在线。",
    "shazhou online lists the nodes and when each was last heard; a command is not kept for later.",
    "可用 shazhou online 查看各节点及其最后通信时间；命令不会留待以后发送。",
)
NOT_BORN = Rule(
    "metric-not-born",
    "{node} has no metric {found}.",
    "{node} 没有指标 {found}。",
    "A command can only name what the node's birth named: {known}.",
    "命令只能使用节点出生报文中的指标：{known}。",
)
WRONG_VALUE = Rule(
    "value-not-of-type",
    "{found} is no {type}.",
    "{found} 不是 {type} 类型的值。",
    "Give a value of the type that the birth declared.",
    "请填写出生报文所声明类型的值。",
)
NOT_A_COMMAND = Rule(
    "not-a-command",
    "The file in the folder of commands is no command: {found}.",
    "命令文件夹中的文件不是命令：{found}。",
    "Use shazhou command, which writes it.",
    "请使用 shazhou command 生成。",
)

_TRUTH = {"true": True, "1": True, "false": False, "0": False}


def _boolean(text: str) -> bool:
    if text.lower() not in _TRUTH:
        raise ValueError(text)
    return _TRUTH[text.lower()]


_READ: dict[DataType, Callable[[str], Any]] = {
    **dict.fromkeys((*SIGNED, *UNSIGNED, DataType.DATETIME), int),
    **dict.fromkeys((DataType.FLOAT, DataType.DOUBLE), float),
    DataType.BOOLEAN: _boolean,
    **dict.fromkeys((DataType.STRING, DataType.TEXT, DataType.UUID), str),
    **dict.fromkeys((DataType.BYTES, DataType.FILE), lambda text: base64.b64decode(text, validate=True)),
    **{each: json.loads for each in DataType if 22 <= each <= 34},
}


def command(host: Host, target: str, metric: str, text: str, now: int) -> Sample:
    """Sends a command to a node (``node``) or device (``node/device``); gives what was sent.

    Raises:
        Refused: it is not online, or has no such metric, or the text is no value of the metric's type.
    """
    name, _, device = target.partition("/")
    node = _online(host, name)
    part = node.part(device)
    if part is None:
        raise Refused([Problem(NOT_ONLINE, Where(), target)])
    born = part.birth.metrics.get(metric)
    if born is None:
        known = ", ".join(sorted(part.birth.metrics))
        raise Refused([Problem(NOT_BORN, Where(), metric, {"node": target, "known": known})])
    sample = Sample(metric, born.datatype, _value(born.datatype, text), now, born.alias)
    host.command(node, device, [sample], now)
    return sample


def _online(host: Host, name: str) -> Node:
    found = [node for node in host.nodes.values() if node.name == name and node.online]
    if not found:
        raise Refused([Problem(NOT_ONLINE, Where(), name)])
    return max(found, key=lambda node: node.order.last)


def _value(datatype: DataType, text: str) -> Any:
    try:
        value = _READ[datatype](text)
        to_wire(datatype, value)
    except (KeyError, ValueError, TypeError, OverflowError, AttributeError, struct.error):
        raise Refused([Problem(WRONG_VALUE, Where(), text, {"type": datatype.name})]) from None
    return value
