"""Commands about figures: figure, tabulate, trail."""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shazhou.cli import printing
from shazhou.cli.app import (
    DEFAULT_CITY,
    DEFAULT_DATA,
    DEFAULT_LANG,
    AsOfOption,
    CityFolder,
    Data,
    Json,
    Lang,
    app,
    language,
    show,
    warn,
    working,
)
from shazhou.cli.measuring import measure_of

if TYPE_CHECKING:
    import pyarrow as pa

    from shazhou.measure.measure import Measure

Format = Annotated[str, typer.Option("--format", help="text, json, csv or parquet. 格式")]
Out = Annotated[Path | None, typer.Option("--out", help="File to write; needed for parquet. 输出文件")]
Condition = Annotated[str, typer.Option("--where", help='Only entities for which it holds: size == "large". 主体条件')]
Threads = Annotated[int | None, typer.Option("--threads", min=1, help="Threads of the query engine. 线程数")]


@app.command()
def figure(
    name: Annotated[str, typer.Argument(help="An indicator, or the id of a quoted figure. 指标或数值编号")],
    place: Annotated[str, typer.Option("--place", help="Key of a place, or an entity id. 地方")] = "",
    period: Annotated[str, typer.Option("--period", help="2021, 2021-Q1, 2021-03, 2021-01-01/P6M. 时期")] = "",
    industry: Annotated[str, typer.Option("--industry", help="Key of an industry. 产业")] = "",
    kind: Annotated[str, typer.Option("--kind", help="actual, target or forecast. 类别")] = "",
    where: Condition = "",
    check: Annotated[bool, typer.Option("--check", help="Recompute a quoted figure. 重新计算并核对")] = False,
    threads: Threads = None,
    as_of: AsOfOption = "",
    form: Format = "text",
    out: Out = None,
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
    lang: Lang = DEFAULT_LANG,
    json: Json = False,
) -> None:
    """One figure with its sources; with --check a quoted one, computed again. 查询数值"""
    spoken = language(lang)
    if check:
        return _check(name, data, threads, json)
    if not period:
        raise typer.BadParameter("an indicator needs --period", param_hint="--period")
    with working(f"computing {name}"):
        from shazhou.measure.quoted import Quoted

        measure = measure_of(data, city, as_of, threads)
        found = measure.figure(name, place or measure.city.root, period, industry, kind, where)
        Quoted(measure.ledger.folder, warn).keep([found])
    if json or form == "json":
        show(printing.figure_data(found))
    elif form == "text":
        typer.echo(printing.figure_text(found, measure.city, spoken))
    else:
        _write(printing.figure_table(found), form, out, {found.indicator: found.decimals})


@app.command()
def tabulate(
    indicators: Annotated[list[str] | None, typer.Argument(help="Indicators. 指标")] = None,
    place: Annotated[list[str] | None, typer.Option("--place", help="Keys of places; default the city. 地方")] = None,
    period: Annotated[list[str] | None, typer.Option("--period", help="Periods, or years 2019:2021. 时期")] = None,
    industry: Annotated[list[str] | None, typer.Option("--industry", help="Keys of industries. 产业")] = None,
    kind: Annotated[str, typer.Option("--kind", help="actual, target or forecast. 类别")] = "",
    where: Condition = "",
    by: Annotated[str, typer.Option("--by", help="An attribute to split by. 按属性拆分")] = "",
    list_all: Annotated[bool, typer.Option("--list", help="List the indicators. 列出指标")] = False,
    threads: Threads = None,
    as_of: AsOfOption = "",
    form: Format = "text",
    out: Out = None,
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
    lang: Lang = DEFAULT_LANG,
    json: Json = False,
) -> None:
    """Indicators by places, industries and periods. 制表"""
    spoken = language(lang)
    with working("computing"):
        from shazhou.measure.quoted import Quoted

        measure = measure_of(data, city, as_of, threads)
        if list_all:
            return _list(measure, spoken, json)
        if not indicators or not period:
            raise typer.BadParameter("give indicators and --period, or --list")
        places, industries = place or [measure.city.root], industry or [""]
        wheres = [f"({where}) and {each}" if where else each for each in measure.conditions(by)] if by else [where]
        table = measure.tabulate(indicators, places, printing.years(period), industries, kind, wheres)
        decimals = {each.id: each.decimals for each in measure.city.indicators.values()}
        table = Quoted(measure.ledger.folder, warn).keep_table(table, kind, decimals)
    if json or form == "json":
        show(printing.table_data(table, decimals))
    elif form == "text":
        typer.echo(printing.table_text(table, measure.city, spoken))
    else:
        _write(table, form, out, decimals)


@app.command()
def trail(
    name: Annotated[str, typer.Argument(help="Id of a quoted figure; shazhou figure prints it. 数值编号")],
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
    lang: Lang = DEFAULT_LANG,
    json: Json = False,
) -> None:
    """How a figure came about: formula, observations, documents, submissions. 溯源"""
    spoken = language(lang)
    with working(f"following {name}"):
        from shazhou.ledger.ledger import Ledger
        from shazhou.measure.quoted import Quoted
        from shazhou.measure.trail import trail as trail_of

        quotation = Quoted(Ledger.open(data).folder).find(name)
        measure = measure_of(data, city, quotation.head)
        found = trail_of(measure, quotation.cell)
    if json:
        show(printing.trail_data(found))
    else:
        printing.print_trail(found, measure.city, spoken)


def _check(name: str, data: Path, threads: int | None, json: bool) -> None:
    with working(f"computing {name} again"):
        from shazhou.ledger.ledger import Ledger
        from shazhou.measure.trail import recompute

        result = recompute(Ledger.open(data), name, threads)
    was, now = result.quotation.value, result.figure.value
    if json:
        show({"ok": result.same, "id": name, "quoted": was, "computed": now, "head": result.figure.head})
    else:
        typer.echo(f"{name}  {was} {'=' if result.same else '≠'} {now}")
    if not result.same:
        raise typer.Exit(1)


def _list(measure: Measure, spoken: str, json: bool) -> None:
    indicators = measure.city.indicators.values()
    if json:
        show([each.model_dump(mode="json") for each in indicators])
        return
    for each in indicators:
        typer.echo(f"{each.id:<50} {each.name.of(spoken)}  {each.formula}")


def _write(table: pa.Table, form: str, out: Path | None, decimals: Mapping[str, int]) -> None:
    if form == "parquet":
        import pyarrow.parquet as pq

        if out is None:
            raise typer.BadParameter("parquet needs --out", param_hint="--out")
        pq.write_table(table, out)
    elif form == "csv":
        file = sys.stdout if out is None else out.open("w", encoding="utf-8", newline="")
        writer = csv.DictWriter(file, table.column_names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(printing.table_data(table, decimals))
        if out is not None:
            file.close()
    else:
        raise typer.BadParameter("text | json | csv | parquet", param_hint="--format")
