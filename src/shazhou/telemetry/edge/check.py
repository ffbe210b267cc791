"""What an agent would reach and what exactly it would send, found without sending anything."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import aiomqtt

from shazhou.city.lines import Lined
from shazhou.city.lines import Path as Place
from shazhou.city.problem import Problem, Rule, Where
from shazhou.telemetry.edge.agent import connection_of
from shazhou.telemetry.edge.births import PLAIN, described
from shazhou.telemetry.edge.buffer import Described
from shazhou.telemetry.edge.config import EdgeConfig
from shazhou.telemetry.edge.mapping import Measurement, TagMapping
from shazhou.telemetry.edge.publisher import Connection
from shazhou.telemetry.edge.source import Clock
from shazhou.telemetry.edge.sources.rules import NO_SUCH_TAG
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
    "{found} of {device} got no value from the tag '{tag}' of {source}.",
    "{device} 的 {found} 未能从 {source} 的标签“{tag}”取得数值。",
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


async def check(config: EdgeConfig, folder: Path, clock: Clock, lined: Lined | None = None) -> Checked:
    """Asks every source and the broker once, all at the same time. ``lined``: the agent's file, so that a problem can
    say at which line it is to be mended."""
    mapping = TagMapping(config)
    connection = connection_of(config, folder)
    place = lined.where if lined is not None else _nowhere
    asked = [_source(config, mapping, name, folder, clock, place) for name in config.sources]
    broker, sources = await asyncio.gather(_broker(config, connection, place), asyncio.gather(*asked))
    problems = [*broker, *(problem for each in sources for problem in each.problems)]
    plain = [Described("", name, datatype) for name, datatype in PLAIN.items()]
    sent = (*plain, *described(config.mode, config.equipment, mapping.targets()))
    return Checked(config.broker.address, sources, config.mode, HIGHEST[config.mode], sent, problems)


def _nowhere(path: Place = ()) -> Where:
    """The place of what stands in no file."""
    return Where(column=".".join(str(part) for part in path))


async def _source(
    config: EdgeConfig, mapping: TagMapping, name: str, folder: Path, clock: Clock, place: Callable[[Place], Where]
) -> Reached:
    options, tags = config.sources[name], mapping.tags(name)
    report = await options.source(tags, folder, clock).check()
    values = [each for sample in report.samples for each in mapping.measurements(name, sample)]
    problems = [_named(problem, name, _mended_at(problem, mapping, name, place)) for problem in report.problems]
    got = {(each.device, each.metric) for each in values if each.value is not None}
    for tag in tags if not problems else ():
        for target in mapping.targets_of(name, tag):
            if (target.device, target.metric) not in got:
                told = {"device": target.device, "tag": tag, "source": name}
                where = place(("equipment", target.device, target.metric))
                problems.append(Problem(NO_METRIC, where, target.metric, told))
    reached = report.reached
    if options.kind == "csv" and any(problem.rule is NO_SUCH_TAG for problem in problems):
        # asked for no tag, a source lists what it has
        reached = (await options.source((), folder, clock).check()).reached
    return Reached(name, options.kind, reached, values, problems)


def _named(problem: Problem, source: str, where: Where) -> Problem:
    """A source's problem under the name that the file gives the source, beside its address."""
    address = problem.values.get("address", "")
    return replace(problem, where=where, values={**problem.values, "address": f"{source} ({address})"})


def _mended_at(problem: Problem, mapping: TagMapping, source: str, place: Callable[[Place], Where]) -> Where:
    """Where a source's problem can be mended: at its tag where it is about one, else at the source."""
    for target in mapping.targets_of(source, problem.found):
        return place(("equipment", target.device, target.metric, "tag"))
    return place(("sources", source))


async def _broker(config: EdgeConfig, at: Connection, place: Callable[[Place], Where]) -> list[Problem]:
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
        return [Problem(NO_BROKER, place(("broker", "address")), config.broker.address, {"reason": str(error)})]
