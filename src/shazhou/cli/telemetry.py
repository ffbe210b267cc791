"""Commands of the machine side that end in the ledger: telemetry deliver."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
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

telemetry = typer.Typer(help="What machines sent. 设备联网数据", no_args_is_help=True)
app.add_typer(telemetry, name="telemetry")

LATE = 7
"""Days for which data may still come: a gateway stores through an outage of a week."""


@telemetry.command()
def deliver(
    day: Annotated[str, typer.Option("--day", help="One finished day; default the last seven. 日期")] = "",
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
    deliverer: Deliverer = DEFAULT_DELIVERER,
    json: Json = False,
) -> None:
    """Judge finished days and deliver their hours, and the month so far, to the ledger. 提交已结束日期"""
    with working("reading the register") as status:
        from zoneinfo import ZoneInfo

        from shazhou.city.folder import read_city
        from shazhou.intake.load import load_definitions
        from shazhou.ledger.ledger import Ledger
        from shazhou.telemetry.asked import day_asked
        from shazhou.telemetry.door.deliver import deliver as deliver_days
        from shazhou.telemetry.enrolment import enrolled
        from shazhou.telemetry.presence.compute import compute
        from shazhou.telemetry.store.store import Store, folder_of

        ledger, definitions = Ledger.open(data), read_city(city)
        store, today = Store.open(folder_of(data)), datetime.now(ZoneInfo(definitions.zone)).date()
        days = [day_asked(day, "--day")] if day else [today - timedelta(days=each) for each in range(LATE, 0, -1)]
        load_definitions(ledger, definitions, deliverer)
        register, before = enrolled(ledger, definitions), len(ledger.submissions())
        oldest = today - timedelta(days=definitions.telemetry.retain.minutes_days)
        for chosen in (each for each in days if oldest < each < today):
            status.update(f"judging {chosen}")
            compute(store, definitions, register, chosen)
        status.update("delivering")
        made = deliver_days(store, ledger, definitions, days, deliverer, today)
    if json:
        show([{**asdict(each), "new": each.sequence > before} for each in made])
        return
    for each in made:
        new = "new 新" if each.sequence > before else "known 已有"
        typer.echo(f"{each.sequence:>4}  {each.head[:12]}  {each.count:>9,}  {new}  {each.title}")
