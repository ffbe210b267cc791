"""What an agent would reach and what exactly it would send, found without sending anything."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import aiomqtt

from shazhou.city.problem import Problem, Rule, Where
from shazhou.telemetry.edge.agent import connection_of
from shazhou.telemetry.edge.births import PLAIN, described
from shazhou.telemetry.edge.buffer import Described
from shazhou.telemetry.edge.config import EdgeConfig
from shazhou.telemetry.edge.mapping import Measurement, TagMapping
from shazhou.telemetry.edge.publisher import Connection
from shazhou.telemetry.edge.source import Clock
from shazhou.telemetry.names import HIGHEST

NO_BROKER = Rule(
    "edge-broker-unreachable",
    "The broker {found} cannot be reached: {reason}.",
    "无法连接消息服务器 {found}：{reason}。",
    "Check address, certificates, user and password, and that the factory's firewall lets the gateway out.",
    "请检查地址、证书、用户名和密码，以及工厂防火墙是否允许网关对外连接。",
)
NO_METRIC = Rule(
    "edge-tag-unreadable",
    "{found} of {device} got no value from the tag '{tag}'.",
    "{device} 的 {found} 未能从标签“{tag}”取得数值。",
    "Check the tag, and for states that values lists what it said.",
    "请检查标签；若为状态，请确认 values 中列出了其取值。",
)


@dataclass(frozen=True)
class Reached:
    """What a source reached, and what its tags mean now."""

    source: str
    kind: str
    reached: Sequence[str]
    values: Sequence[Measurement]
    problems: Sequence[Problem]


@dataclass(frozen=True)
class Checked:
    """What an agent reaches, and every metric that it would send in its privacy mode (``highest``: the highest level of
    presence that this mode can prove)."""

    broker: str
    sources: Sequence[Reached]
    mode: str
    highest: int
    sent: Sequence[Described]
    problems: Sequence[Problem]


async def check(config: EdgeConfig, folder: Path, clock: Clock) -> Checked:
    """Asks every source and the broker once, all at the same time."""
    mapping = TagMapping(config)
    connection = connection_of(config, folder)
    asked = [_source(config, mapping, name, folder, clock) for name in config.sources]
    broker, sources = await asyncio.gather(_broker(config, connection), asyncio.gather(*asked))
    problems = [*broker, *(problem for each in sources for problem in each.problems)]
    plain = [Described("", name, datatype) for name, datatype in PLAIN.items()]
    sent = (*plain, *described(config.mode, config.equipment, mapping.targets()))
    return Checked(config.broker.address, sources, config.mode, HIGHEST[config.mode], sent, problems)


async def _source(config: EdgeConfig, mapping: TagMapping, name: str, folder: Path, clock: Clock) -> Reached:
    options, tags = config.sources[name], mapping.tags(name)
    report = await options.source(tags, folder, clock).check()
    values = [each for sample in report.samples for each in mapping.measurements(name, sample)]
    problems = list(report.problems)
    got = {(each.device, each.metric) for each in values if each.value is not None}
    for tag in tags if not problems else ():
        for target in mapping.targets_of(name, tag):
            if (target.device, target.metric) not in got:
                told = {"device": target.device, "tag": tag}
                problems.append(Problem(NO_METRIC, Where(), target.metric, told))
    return Reached(name, options.kind, report.reached, values, problems)


async def _broker(config: EdgeConfig, at: Connection) -> list[Problem]:
    """Connects under a name of its own, so that a running agent is not thrown out."""
    try:
        async with aiomqtt.Client(
            at.host,
            at.port,
            username=at.username or None,
            password=at.password or None,
            identifier=f"{config.city}.{config.enterprise}.check",
            tls_context=at.tls,
            timeout=5,
        ):
            return []
    except (aiomqtt.MqttError, OSError) as error:
        return [Problem(NO_BROKER, Where(), config.broker.address, {"reason": str(error)})]
