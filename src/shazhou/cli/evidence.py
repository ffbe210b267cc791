"""Commands about the city folder and the ledger: check, init, load, submissions, withdraw, erase, verify, compact,
match, template."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from shazhou.city.problem import Problem, Refused
from shazhou.cli.app import (
    DEFAULT_CITY,
    DEFAULT_DATA,
    DEFAULT_DELIVERER,
    DEFAULT_LANG,
    CityFolder,
    Data,
    Deliverer,
    Json,
    Lang,
    app,
    fail,
    language,
    show,
    warn,
    working,
)


@app.command()
def check(
    city: CityFolder = DEFAULT_CITY, folder: Annotated[Path | None, typer.Argument()] = None, json: Json = False
) -> None:
    """Check a city folder: every problem with file, line, rule and what to do. 检查城市文件夹"""
    chosen = folder or city
    with working(f"checking {chosen}"):
        from shazhou.city.check import check as check_folder
        from shazhou.intake.ask_once import check_ask_once
        from shazhou.intake.mapping_check import check_mappings
        from shazhou.measure.check import check_indicators
        from shazhou.programme.return_rule import check_collections
        from shazhou.report.check import check_templates

        rooms = (check_mappings, check_ask_once, check_indicators, check_collections, check_templates)
        problems = check_folder(chosen, rooms)
    if problems:
        fail(problems, json)
    if json:
        show({"ok": True, "folder": str(chosen), "problems": []})
    else:
        typer.echo(f"{chosen}: in order 无误")


@app.command()
def init(data: Data = DEFAULT_DATA, city: CityFolder = DEFAULT_CITY, json: Json = False) -> None:
    """Make an empty ledger. 创建账本"""
    with working(f"making {data}"):
        from shazhou.ledger.ledger import Ledger

        ledger = Ledger.create(data)
    if json:
        show({"ok": True, "data": str(data), "head": ledger.head()})
    else:
        typer.echo(f"{data}: ledger made 账本已创建")


@app.command()
def load(
    file: Annotated[Path | None, typer.Argument(help="Document; without one the city's evidence/. 文件")] = None,
    mapping: Annotated[str, typer.Option("--mapping", help="Mapping of the city folder. 映射")] = "",
    source: Annotated[str, typer.Option("--source", help="Source for rows that cite none. 来源")] = "",
    errors: Annotated[Path | None, typer.Option("--errors", help="Write the marked sheet here. 错误标注表")] = None,
    simulated: Annotated[bool, typer.Option("--simulated", help="Mark as simulated. 标为模拟数据")] = False,
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
    deliverer: Deliverer = DEFAULT_DELIVERER,
    json: Json = False,
) -> None:
    """Load a document, or all evidence of the city folder; whole or not at all. 载入文件"""
    if file is not None and not mapping:
        raise typer.BadParameter("a document needs --mapping", param_hint="--mapping")
    with working(f"reading {city}") as status:
        from shazhou.city.folder import read_city
        from shazhou.intake.load import load_evidence, load_file
        from shazhou.ledger.ledger import Ledger

        ledger, definitions = Ledger.open(data), read_city(city)
        if file is None:
            submissions = load_evidence(
                ledger, definitions, city, deliverer, lambda name: status.update(f"loading {name}"), warn
            )
        else:
            origin = "simulated" if simulated else ""
            try:
                submissions = [load_file(ledger, definitions, file, mapping, source, deliverer, origin, warn)]
            except Refused as refused:
                if errors is not None:
                    _write_errors(file, refused, errors)
                raise
    if json:
        show([asdict(each) for each in submissions])
        return
    for each in submissions:
        typer.echo(f"{each.sequence:>4}  {each.head[:12]}  {each.count:>9,}  {each.title}")


@app.command()
def submissions(data: Data = DEFAULT_DATA, city: CityFolder = DEFAULT_CITY, json: Json = False) -> None:
    """List the submissions in the order of the chain. 报送列表"""
    with working("reading the ledger"):
        from shazhou.ledger.ledger import Ledger

        chain = Ledger.open(data).submissions()
    if json:
        show([asdict(each) for each in chain])
        return
    for each in chain:
        typer.echo(
            f"{each.sequence:>4}  {each.head[:12]}  {each.recorded_at:%Y-%m-%d %H:%M:%S}"
            f"  {each.count:>9,}  {each.title}"
        )


@app.command()
def withdraw(
    submission: Annotated[str, typer.Argument(help="Id or number of a submission. 报送编号")],
    reason: Annotated[str, typer.Option("--reason", help="Why. 原因")],
    row: Annotated[list[int] | None, typer.Option("--row", help="Rows of its document; default all. 行")] = None,
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
    deliverer: Deliverer = DEFAULT_DELIVERER,
    json: Json = False,
) -> None:
    """Withdraw what a submission states; the rows and the reason stay. 撤回"""
    with working("withdrawing"):
        from shazhou.ledger.ledger import Ledger
        from shazhou.ledger.withdraw import withdraw as withdraw_rows

        made = withdraw_rows(Ledger.open(data), submission, reason, deliverer, row or ())
    if json:
        show(asdict(made))
    else:
        typer.echo(f"{made.sequence}  {made.head[:12]}  {made.count:,}  {made.title}")


@app.command()
def erase(
    document: Annotated[str, typer.Argument(help="sha256 of the document. 文件哈希")],
    reason: Annotated[str, typer.Option("--reason", help="By whose order and why. 依据")],
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
    deliverer: Deliverer = DEFAULT_DELIVERER,
    json: Json = False,
) -> None:
    """Erase a document by order; its hash and the reason stay. 依令删除文件"""
    with working("erasing"):
        from shazhou.ledger.ledger import Ledger

        made = Ledger.open(data).erase(document, reason, deliverer)
    if json:
        show(asdict(made))
    else:
        typer.echo(f"{made.sequence}  {made.head[:12]}  {made.title}")


@app.command()
def verify(
    expect: Annotated[str, typer.Option("--expect", help="A head from a published report. 预期账头")] = "",
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
    json: Json = False,
) -> None:
    """Verify manifest, chain, content and documents. 校验账本"""
    with working("verifying") as status:
        from shazhou.ledger.ledger import Ledger
        from shazhou.ledger.verification import verify as verify_ledger

        result = verify_ledger(
            Ledger.open(data),
            expect,
            lambda step, done, total: status.update(f"verifying {step}: {done:,} of {total:,}"),
        )
    if not result.ok:
        fail(result.failures, json)
    if json:
        show({"ok": True, **{name: value for name, value in asdict(result).items() if name != "failures"}})
        return
    typer.echo(
        f"{data}: intact 完好  {result.submissions:,} submissions, {result.observations:,} observations,"
        f" {result.documents:,} documents\nhead 账头 {result.head}"
    )


@app.command()
def compact(data: Data = DEFAULT_DATA, city: CityFolder = DEFAULT_CITY, json: Json = False) -> None:
    """Rewrite the files for fast reading; heads and trails hold. 压实"""
    with working("compacting"):
        from shazhou.ledger.ledger import Ledger

        ledger = Ledger.open(data)
        ledger.compact()
    if json:
        show({"ok": True, "head": ledger.head()})
    else:
        typer.echo(f"{data}: compacted 已压实  {ledger.head()[:12]}")


@app.command()
def match(
    kind: Annotated[str, typer.Option("--kind", help="enterprise, project or platform. 主体类别")] = "enterprise",
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
    json: Json = False,
) -> None:
    """Propose entities that may be the same; confirm them with a document that states same_as. 提议同一主体"""
    with working("comparing names"):
        from shazhou.city.folder import read_city
        from shazhou.intake.entity import Names
        from shazhou.intake.matching import propose, refuse_unknown_kind
        from shazhou.ledger.ledger import Ledger

        definitions = read_city(city)
        refuse_unknown_kind(definitions, kind)
        proposals = list(propose(Names.of(definitions, Ledger.open(data)), kind))
    if json:
        show([each._asdict() for each in proposals])
        return
    for each in proposals:
        typer.echo(
            f"{each.first_name} [{each.first}] ~ {each.second_name} [{each.second}]: {each.reason_en} {each.reason_zh}"
        )


@app.command()
def template(
    variables: Annotated[str, typer.Option("--variables", help="Variable ids, separated by commas. 指标项")],
    out: Annotated[Path, typer.Option("--out", help="XLSX file to write. 输出文件")],
    period: Annotated[str, typer.Option("--period", help="Period to fill in. 时期")],
    kind: Annotated[str, typer.Option("--kind", help="Kind of the entities. 主体类别")] = "place",
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
    lang: Lang = DEFAULT_LANG,
    json: Json = False,
) -> None:
    """Write an XLSX template with drop-downs and known values. 生成填报模板"""
    with working(f"writing {out}"):
        from shazhou.city.folder import read_city
        from shazhou.intake.template import write_template
        from shazhou.ledger.ledger import Ledger

        rows = write_template(
            read_city(city),
            Ledger.open(data),
            [each.strip() for each in variables.split(",")],
            kind,
            period,
            out,
            language(lang),
        )
    if json:
        show({"ok": True, "file": str(out), "rows": rows})
    else:
        typer.echo(f"{out}: {rows} rows 行")


def _write_errors(file: Path, refused: Refused, out: Path) -> None:
    from shazhou.intake.errors import write_errors

    problems: tuple[Problem, ...] = refused.problems
    write_errors(file, problems, out)
