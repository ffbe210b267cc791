"""Commands of the agent at a factory's gateway: edge run, edge check, edge key, edge status."""

from __future__ import annotations

import asyncio
import logging
import signal
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.cli.app import Json, app, feedback, show, working

if TYPE_CHECKING:
    from shazhou.telemetry.edge.agent import Agent
    from shazhou.telemetry.edge.buffer import Depth
    from shazhou.telemetry.edge.check import Checked
    from shazhou.telemetry.edge.mapping import Measurement

edge = typer.Typer(no_args_is_help=True, help="The agent at a factory's gateway. 工厂网关代理")
app.add_typer(edge, name="edge")

File = Annotated[Path, typer.Argument(help="The agent's YAML file. 代理配置文件")]

NOT_RUN = Rule(
    "edge-not-run",
    "There is no buffer {found}: the agent has not run yet.",
    "没有缓存 {found}：代理尚未运行过。",
    "Start it with shazhou edge run; shazhou edge check tells before what it would send.",
    "请用 shazhou edge run 启动；启动前可用 shazhou edge check 查看将发送的内容。",
)

_EVERY = 60.0
"""Seconds between two lines of a run that nobody watches on a terminal."""


@edge.command()
def run(file: File) -> None:
    """Read, keep and send until stopped. 运行代理"""
    with working(f"starting {file}") as status:
        from shazhou.telemetry.edge.agent import Agent
        from shazhou.telemetry.edge.config import read_config

        config = read_config(file)
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
        agent = Agent(config, file.parent)
        asyncio.run(_run(agent, status.update if feedback.is_terminal else None))


@edge.command()
def check(file: File, json: Json = False) -> None:
    """Say what is reached and what exactly would be sent; sends nothing. 检查连接与外发内容"""
    with working(f"checking {file}"):
        from shazhou.telemetry.edge.agent import now_ms
        from shazhou.telemetry.edge.check import check as check_agent
        from shazhou.telemetry.edge.config import read_lined

        config, lined = read_lined(file)
        found = asyncio.run(check_agent(config, file.parent, now_ms, lined))
    if json:
        show({"ok": not found.problems, **_as_json(found)})
    else:
        _tell(found)
    if found.problems:
        raise typer.Exit(1)


@edge.command()
def key(file: File, json: Json = False) -> None:
    """Show the public key that the city enrols; makes the key when there is none. 显示公钥"""
    with working("reading the key"):
        from shazhou.telemetry.edge.config import read_config
        from shazhou.telemetry.edge.keys import FILE, key_of, public_text

        config = read_config(file)
        folder = file.parent / config.folder
        public = public_text(key_of(folder))
    if json:
        show({"ok": True, "node": config.enterprise, "key": public, "file": str(folder / FILE)})
    else:
        typer.echo(public)


@edge.command()
def status(file: File, json: Json = False) -> None:
    """Show how full the buffer is and what the host has confirmed. 缓存状态"""
    with working("looking into the buffer"):
        from shazhou.telemetry.edge.agent import BUFFER_FILE
        from shazhou.telemetry.edge.buffer import depth_of
        from shazhou.telemetry.edge.config import read_config

        buffer = file.parent / read_config(file).folder / BUFFER_FILE
        if not buffer.exists():
            raise Refused([Problem(NOT_RUN, Where(str(file)), str(buffer))])
        depth = depth_of(buffer)
    if json:
        show({"ok": True, **asdict(depth)})
    else:
        typer.echo(_depth(depth))


async def _run(agent: Agent, update: object) -> None:
    running = asyncio.create_task(agent.run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    try:
        while not running.done():
            await asyncio.wait([running], timeout=0.5 if callable(update) else _EVERY)
            line = _line(agent)
            if callable(update):
                update(line)
            elif not running.done():
                typer.echo(line, err=True)
        if not running.cancelled():
            running.result()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _line(agent: Agent) -> str:
    publisher, buffer = agent.publisher, agent.buffer
    where = "connected 已连接" if publisher.connected else "not connected 未连接"
    host = "host online 平台在线" if publisher.host_online else "host away, storing 平台离线，暂存"
    waiting = f"{buffer.last - buffer.confirmed:,} unconfirmed 未确认"
    return f"{where}; {host}; {agent.taken:,} values 读数; {waiting}"


def _depth(depth: Depth) -> str:
    oldest = (
        "—" if depth.oldest is None else f"{datetime.fromtimestamp(depth.oldest / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
    )
    return (
        f"records 记录 {depth.records:,} (raw 原始 {depth.raw:,}), {depth.bytes / 1e6:,.1f} MB, oldest 最早 {oldest}\n"
        f"confirmed 已确认 {depth.confirmed:,} of 共 {depth.last:,}, buffer 缓存 {depth.agent}"
    )


def _as_json(found: Checked) -> dict[str, object]:
    return {
        "broker": found.broker,
        "sources": [
            {
                "source": each.source,
                "kind": each.kind,
                "reached": list(each.reached),
                "values": [asdict(value) for value in each.values],
            }
            for each in found.sources
        ],
        "mode": found.mode,
        "highest": found.highest,
        "sent": [
            {"device": each.device, "metric": each.name, "type": each.datatype.name, "unit": each.unit}
            for each in found.sent
        ],
        "problems": [problem.as_dict() for problem in found.problems],
    }


def _called(value: Measurement) -> str:
    """What a number of a state or mode is called, as the agent's file writes it; empty for other metrics."""
    from shazhou.telemetry.names import OperationMode, State

    known = {"State": State, "Operation Mode": OperationMode}.get(value.metric)
    return f" {known(value.value).name.lower()}" if known is not None and isinstance(value.value, int) else ""


def _tell(found: Checked) -> None:
    for each in found.sources:
        typer.echo(f"{each.source} ({each.kind}): {'; '.join(each.reached) or 'not reached 未连通'}")
        for value in each.values:
            at = datetime.fromtimestamp(value.at / 1000, UTC)
            said = f"{value.metric} = {value.value}{_called(value)}"
            typer.echo(f"  {value.device}  {said}  {at:%Y-%m-%d %H:%M:%S}Z  quality {value.quality}")
    typer.echo(
        f"mode 模式 {found.mode}: proves at most 最高可证明 L{found.highest}; sent to 发往 {found.broker}"
        " — these metrics and nothing else 仅以下内容:"
    )
    for device in dict.fromkeys(each.device for each in found.sent):
        names = ", ".join(each.name for each in found.sent if each.device == device)
        typer.echo(f"  {device or 'node 节点'}: {names}")
    for problem in found.problems:
        typer.echo(str(problem), err=True)
