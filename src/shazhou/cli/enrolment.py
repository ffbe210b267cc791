"""Commands about the enterprises that connect their machines: enrol, enrolled."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from shazhou.cli.app import (
    DEFAULT_CITY,
    DEFAULT_DATA,
    DEFAULT_DELIVERER,
    CityFolder,
    Data,
    Deliverer,
    Json,
    app,
    show,
    working,
)


@app.command()
def enrol(
    node: Annotated[str, typer.Argument(help="Edge node: the enterprise's key in the ledger. 节点")],
    key: Annotated[str, typer.Option("--key", help="Public key of its gateway, base64. 网关公钥")],
    replace: Annotated[bool, typer.Option("--replace", help="In place of the key it has. 更换公钥")] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why it is replaced. 更换原因")] = "",
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
    deliverer: Deliverer = DEFAULT_DELIVERER,
    json: Json = False,
) -> None:
    """Enrol the key with which an enterprise's gateway signs; once. 登记网关公钥"""
    with working("enrolling"):
        from shazhou.city.folder import read_city
        from shazhou.ledger.ledger import Ledger
        from shazhou.telemetry.enrolment import enrol as enrol_key

        made = enrol_key(Ledger.open(data), read_city(city), node, key, deliverer, replace, reason)
    if json:
        show({"ok": True, "node": node, "key": key, "submission": asdict(made) if made else None})
    elif made is None:
        typer.echo(f"{node}: this is its key already 公钥此前已登记")
    else:
        typer.echo(f"{made.sequence}  {made.head[:12]}  {made.title}")


@app.command()
def enrolled(data: Data = DEFAULT_DATA, city: CityFolder = DEFAULT_CITY, json: Json = False) -> None:
    """List the enterprises in the register as joining. 接入登记名单"""
    with working("reading the ledger"):
        from shazhou.city.folder import read_city
        from shazhou.ledger.ledger import Ledger
        from shazhou.telemetry.enrolment import enrolled as register

        found = register(Ledger.open(data), read_city(city))
    if json:
        show([asdict(each) for each in found.values()])
        return
    for each in found.values():
        name = each.name.get("zh") or each.name.get("en") or ""
        key = "key 有公钥" if each.key else "no key yet 尚无公钥"
        mark = {"simulated": "  simulated 模拟", "recorded": "  recorded 录制"}.get(each.origin, "")
        typer.echo(f"{each.node:<14} {each.joined}  {key}  {each.town or '—'}  {each.industry or '—'}  {name}{mark}")
