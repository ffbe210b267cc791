"""Simulated factories: fleet register, fleet run."""

from __future__ import annotations

import json as json_format
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.cli.app import (
    DEFAULT_CITY,
    DEFAULT_DATA,
    CityFolder,
    Data,
    Json,
    app,
    feedback,
    show,
    working,
)

if TYPE_CHECKING:
    from shazhou.city.model import City
    from shazhou.telemetry.edge.agent import Agent
    from shazhou.telemetry.fleet.factory import Factory

NOT_REGISTERED = Rule(
    "fleet-not-registered",
    "{found} of the fleet is not in the register of {data}.",
    "{data} 的登记名单中没有 {found}。",
    "Run shazhou fleet register --factories N --out joining.csv, then shazhou load joining.csv --mapping joining"
    " --source joining --simulated.",
    "请先运行 shazhou fleet register --factories N --out joining.csv，再运行"
    " shazhou load joining.csv --mapping joining --source joining --simulated。",
)

Factories = Annotated[int, typer.Option("--factories", min=1, max=5000, help="How many factories. 工厂数")]
Seed = Annotated[int, typer.Option("--seed", help="Decides everything that is drawn. 随机种子")]

fleet = typer.Typer(help="Simulated factories, marked as such wherever they appear. 模拟工厂", no_args_is_help=True)
app.add_typer(fleet, name="fleet")


@fleet.command()
def register(
    factories: Factories = 60,
    seed: Seed = 1,
    out: Annotated[Path, typer.Option("--out", help="CSV file to write. 输出文件")] = Path("joining.csv"),
    promised: Annotated[datetime | None, typer.Option("--promised", formats=["%Y-%m-%d"], help="承诺接入日期")] = None,
    city: CityFolder = DEFAULT_CITY,
    json: Json = False,
) -> None:
    """Write the document that puts a fleet into the register as joining; load it with --simulated. 生成接入登记表"""
    with working(f"writing {out}"):
        from shazhou.city.folder import read_city
        from shazhou.telemetry.fleet.register import fleet as made
        from shazhou.telemetry.fleet.register import joining

        today = date.today()
        day = promised.date() if promised else today.replace(month=12, day=31)
        text = joining(made(read_city(city), factories, seed), seed, day, today.replace(month=1, day=1))
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
    if json:
        show({"ok": True, "file": str(out), "factories": factories})
    else:
        typer.echo(f"{out}: {factories} simulated factories 模拟工厂")


@fleet.command()
def run(
    factories: Factories = 60,
    broker: Annotated[str, typer.Option("--broker", help="host:port 消息服务器")] = "127.0.0.1:1883",
    host: Annotated[str, typer.Option("--host", help="Id of the host application. 主机标识")] = "shazhou",
    mode: Annotated[
        Literal["full", "rollup", "pulse"], typer.Option("--mode", help="Privacy mode. 隐私模式")
    ] = "rollup",
    faults: Annotated[str, typer.Option("--faults", help="frozen=2,bad=1,clock=1,silent=1 故障")] = "",
    frauds: Annotated[
        str, typer.Option("--frauds", help="cached=1,replay=1,regular=1,clone=2,shared-gateway=3 造假")
    ] = "",
    labels: Annotated[Path | None, typer.Option("--labels", help="Write what is wrong with whom. 标签文件")] = None,
    period: Annotated[float, typer.Option("--period", min=0.1, help="Seconds between readings. 读数间隔（秒）")] = 5.0,
    start: Annotated[
        datetime | None, typer.Option("--from", help="Begin in the past and catch up, with --speed. 起始时间")
    ] = None,
    speed: Annotated[float, typer.Option("--speed", min=1, max=1000, help="Times as fast as the day. 倍速")] = 1.0,
    seed: Seed = 1,
    folder: Annotated[Path, typer.Option("--folder", help="For buffers and keys. 缓存文件夹")] = Path("var/fleet"),
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
) -> None:
    """Run a fleet until it is interrupted, through the same agent as a real factory. 运行模拟工厂"""
    with working("making the fleet"):
        from zoneinfo import ZoneInfo

        from shazhou.city.folder import read_city
        from shazhou.telemetry.fleet import fault
        from shazhou.telemetry.fleet.register import fleet as made
        from shazhou.telemetry.fleet.run import Plan, clock_from, run_until_stopped
        from shazhou.telemetry.fleet.run import labels as labelled

        wanted = fault.parse(faults, [*fault.FAULTS]) | fault.parse(frauds, [*fault.FRAUDS])
        definitions = read_city(city)
        them = made(definitions, factories, seed)
        now = time.time_ns() // 1_000_000
        began = int(start.replace(tzinfo=ZoneInfo(definitions.zone)).timestamp() * 1000) if start else now
        plan = Plan(
            definitions.id,
            definitions.zone,
            broker,
            folder,
            seed,
            began,
            _nodes(them, data, definitions),
            fault.dealt(wanted, [each.key for each in them], seed),
            mode,
            int(period * 1000),
            speed,
            host,
        )
    if labels is not None:
        labels.parent.mkdir(parents=True, exist_ok=True)
        rows = (json_format.dumps(row, ensure_ascii=False) for row in labelled(plan, them))
        labels.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    with working(f"{factories} factories") as status:
        run_until_stopped(plan, them, clock_from(began, speed), _reporting(status.update))


def _nodes(factories: Sequence[Factory], data: Path, city: City) -> Mapping[str, str]:
    """The edge node of each factory's key: what the register calls it."""
    from shazhou.ledger.ledger import Ledger
    from shazhou.telemetry.enrolment import enrolled

    known = {each.name.get("zh"): each.node for each in enrolled(Ledger.open(data), city).values()}
    missing = [each.name["zh"] for each in factories if each.name["zh"] not in known]
    if missing:
        raise Refused([Problem(NOT_REGISTERED, Where(), missing[0], {"data": str(data)})])
    return {each.key: known[each.name["zh"]] for each in factories}


def _reporting(update: Callable[[str], None]) -> Callable[[Sequence[Agent]], None]:
    """On a terminal a line that is renewed; elsewhere one a minute."""
    told = 0.0

    def report(agents: Sequence[Agent]) -> None:
        nonlocal told
        born = sum(agent.publisher.born for agent in agents)
        taken = sum(agent.taken for agent in agents)
        waiting = sum(agent.buffer.last - agent.buffer.confirmed for agent in agents)
        text = f"{len(agents)} factories, {born} online, {taken:,} readings, {waiting:,} records unconfirmed"
        if feedback.is_terminal:
            update(text)
        elif time.monotonic() >= told + 60:
            told = time.monotonic()
            typer.echo(text, err=True)

    return report
