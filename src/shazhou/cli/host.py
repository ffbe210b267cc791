"""Commands of the city's machine side: host, broker, quarantine, command."""

from __future__ import annotations

import gc
import logging
import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

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

broker = typer.Typer(help="The MQTT server. MQTT 服务器", invoke_without_command=True)
app.add_typer(broker, name="broker")

NO_LEDGER = (
    "There is no ledger at {0}: what comes is kept, and nobody is judged. Is --data right?"
    " {0} 处没有账本：数据会保存，但不作判定。请核对 --data。"
)
Port = Annotated[int, typer.Option("--port", min=0, max=65_535, help="Port; 0 for a free one. 端口")]


@app.command()
def host(
    broker: Annotated[
        list[str] | None,
        typer.Option("--broker", help="mqtt://host:1883 or mqtts://user@host:8883; several: repeat. MQTT 服务器"),
    ] = None,
    name: Annotated[str, typer.Option("--id", help="Host id in Sparkplug's STATE. 主机标识")] = "shazhou",
    group: Annotated[str, typer.Option("--group", help="Group id; default the city's id. 组标识")] = "",
    password: Annotated[str, typer.Option(envvar="SHAZHOU_BROKER_PASSWORD", help="Of the broker. 密码")] = "",
    ca: Annotated[
        Path | None, typer.Option("--ca", exists=True, dir_okay=False, help="Authority of its certificate. CA 证书")
    ] = None,
    challenges: Annotated[int, typer.Option(min=0, help="A day and node. 每日抽查次数")] = 4,
    reorder: Annotated[int, typer.Option(min=0, help="Milliseconds to wait for a missing message. 重排等待")] = 2000,
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
) -> None:
    """Take what machines send: the Sparkplug host application. Without --broker with the one that comes along.
    接收设备数据"""
    with working("opening the store"):
        from shazhou.city.folder import read_city
        from shazhou.telemetry.host.application import Application
        from shazhou.telemetry.host.chores import Chores, register
        from shazhou.telemetry.host.connection import Address
        from shazhou.telemetry.host.host import Settings
        from shazhou.telemetry.store.store import Store, folder_of

        definitions = read_city(city)
        addresses = [Address.parse(each, password, str(ca or "")) for each in broker or ()]
        store = Store.open(folder_of(data), write=True)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    # Messages are made and dropped by the thousand and hold no cycles; looking for such every 700 objects costs.
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    with store:
        own = None
        if not addresses:
            from shazhou.telemetry.broker.embedded import started

            own = started()
            addresses = [Address("127.0.0.1", own.port)]
        settings = Settings(name, group or definitions.id, reorder, challenges)
        running = Application(store, settings, addresses, register(data, definitions))
        running.hourly = chores = Chores(store, definitions, data, running.enrol)
        running.often = chores.renew
        running.start()
        feedback.print(f"{settings.host}: {settings.group} {', '.join(map(str, addresses))} → {store.folder}")
        if not data.exists():
            feedback.print(NO_LEDGER.format(data))
        _until_told()
        running.stop()
        if own is not None:
            own.stop()


@broker.callback()
def run_broker(
    context: typer.Context,
    port: Port = 1883,
    listen: Annotated[str, typer.Option("--listen", help="Address to listen on. 监听地址")] = "127.0.0.1",
) -> None:
    """Run the MQTT server that comes along, for trials on this machine: it knows neither passwords nor TLS.
    运行自带的 MQTT 服务器"""
    if context.invoked_subcommand is not None:
        return
    from shazhou.telemetry.broker.embedded import PAYLOAD, started

    with started(port, listen) as running:
        feedback.print(f"mqtt://{running.listeners[0]}  payload ≤ {PAYLOAD:,} bytes")
        _until_told()


@broker.command("config")
def broker_config(
    out: Annotated[Path, typer.Argument(help="Folder to write to. 输出文件夹")],
    certificate: Annotated[Path, typer.Option("--certificate", help="Of the server, PEM. 服务器证书")],
    key: Annotated[Path, typer.Option("--key", help="Of the certificate, PEM. 证书私钥")],
    node: Annotated[list[str] | None, typer.Option("--node", help="Besides the register. 另加的节点")] = None,
    port: Port = 8883,
    listen: Annotated[str, typer.Option("--listen", help="Address to listen on. 监听地址")] = "0.0.0.0",
    name: Annotated[str, typer.Option("--id", help="Host id in Sparkplug's STATE. 主机标识")] = "shazhou",
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
    json: Json = False,
) -> None:
    """Write a Mosquitto configuration: TLS, a user for each enterprise and what it may read and write. Known
    users keep their passwords; new ones are printed once. 生成 Mosquitto 配置"""
    with working("reading the register"):
        from shazhou.city.folder import read_city
        from shazhou.telemetry.broker.mosquitto import Server, write
        from shazhou.telemetry.host.chores import register

        definitions = read_city(city)
        nodes = sorted({*register(data, definitions), *(node or ())})
        server = Server(listen, port, certificate.resolve(), key.resolve())
        made = write(out, server, definitions.id, name, nodes)
    if json:
        show({"ok": True, "folder": str(out), "nodes": nodes, "passwords": made})
        return
    typer.echo(f"{out}: mosquitto -c {out / 'mosquitto.conf'}  ({len(nodes)} nodes 节点)")
    for user, secret in made.items():
        typer.echo(f"{user}\t{secret}")


@app.command()
def quarantine(
    limit: Annotated[int, typer.Option(min=1, help="How many at most, newest first. 条数")] = 20,
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
    json: Json = False,
) -> None:
    """Look at what the host did not understand, and why. 查看无法识别的报文"""
    from shazhou.telemetry.store.store import Store, folder_of

    store = Store.open(folder_of(data))
    counts, found = store.quarantine_counts(), store.quarantined(limit)
    if json:
        newest = [
            {
                **{"at": each.at, "topic": each.topic, "reason": each.reason},
                **{"size": each.size, "payload": each.payload.hex()},
            }
            for each in found
        ]
        show({"counts": counts, "newest": newest})
        return
    for reason, count in sorted(counts.items()):
        typer.echo(f"{count:>9,}  {reason}")
    for each in found:
        begins = each.payload[:24].hex(" ")
        # Whoever sent it chose the topic: nothing in it may steer a terminal.
        topic = "".join(letter if letter.isprintable() else "�" for letter in each.topic)
        typer.echo(f"{_time(each.at)}  {each.reason:<20}  {topic}  {each.size:,}: {begins}")


@app.command()
def command(
    target: Annotated[str, typer.Argument(help="node or node/device. 节点或节点/设备")],
    metric: Annotated[str, typer.Argument(help="Name as born. 指标名")],
    value: Annotated[str, typer.Argument(help="Of the metric's type. 值")],
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
    json: Json = False,
) -> None:
    """Have the running host send a command (NCMD, DCMD) to a node or device. 向节点或设备发送命令"""
    with working("asking the host"):
        from shazhou.city.problem import Problem, Refused, Where
        from shazhou.telemetry.host import spool
        from shazhou.telemetry.store.store import Store, folder_of

        store = Store.open(folder_of(data))
        id = spool.ask(store.folder, {"target": target, "metric": metric, "value": value})
        answer = spool.answer(store.folder, id, patience=10)
        if answer is None:
            raise Refused([Problem(spool.NO_HOST, Where(str(store.folder)), str(store.folder))])
    if json:
        show(answer)
    elif answer["ok"]:
        typer.echo(f"{target}  {answer['metric']} = {value} ({answer['type']})")
    else:
        for problem in answer["problems"]:
            typer.echo("\n  ".join(problem[each] for each in ("en", "mend_en", "zh", "mend_zh")), err=True)
    if not answer["ok"]:
        raise typer.Exit(1)


def _until_told() -> None:
    """Waits for SIGINT or SIGTERM."""
    told = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: told.set())
    told.wait()


def _time(moment: int) -> str:
    from datetime import datetime

    return f"{datetime.fromtimestamp(moment / 1000):%Y-%m-%d %H:%M:%S}"
