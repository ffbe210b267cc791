"""Commands about the site: serve, user add."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shazhou.cli.app import DEFAULT_CITY, DEFAULT_DATA, CityFolder, Data, Json, app, fail, show, working

if TYPE_CHECKING:
    from shazhou.console.access.demo import Account

user = typer.Typer(help="People who use the site. 网站用户")
app.add_typer(user, name="user")

Database = Annotated[
    str, typer.Option("--database", envvar="SHAZHOU_DATABASE", help="Address of the people's database. 用户数据库地址")
]


@app.command()
def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on. 监听地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port. 端口")] = 8000,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes. 进程数")] = 2,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Threads of each. 每进程线程数")] = 8,
    demo: Annotated[bool, typer.Option("--demo", help="With an account for each role. 创建演示账号")] = False,
    database: Database = "",
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
) -> None:
    """Run the web site. 运行网站"""
    with working("preparing the site"):
        _environment(data, city, database)
        from shazhou.console.serve import prepare, run

        prepare()
        accounts = _demo() if demo else []
    typer.echo(f"http://{host}:{port}")
    for each in accounts:
        typer.echo(f"  {each.role:14} {each.username:14} {each.password}")
    run(host, port, workers, threads)


def _environment(data: Path, city: Path, database: str) -> None:
    os.environ["SHAZHOU_DATA"], os.environ["SHAZHOU_CITY"] = str(data.absolute()), str(city.absolute())
    if database:
        os.environ["SHAZHOU_DATABASE"] = database


def _demo() -> list[Account]:
    from shazhou.console.access.demo import demo_accounts
    from shazhou.console.evidence import current
    from shazhou.console.evidence.entities import some_enterprise

    return demo_accounts(current.city(), some_enterprise())


@user.command("add")
def user_add(
    username: Annotated[str, typer.Argument(help="Name to sign in with. 登录名")],
    role: Annotated[str, typer.Option("--role", help="Role. 角色")],
    place: Annotated[list[str] | None, typer.Option("--place", help="Key of a place of the role. 角色所辖地方")] = None,
    enterprise: Annotated[list[str] | None, typer.Option("--enterprise", help="Id of an enterprise. 企业编号")] = None,
    name: Annotated[str, typer.Option("--name", help="Name shown. 姓名")] = "",
    password: Annotated[
        str, typer.Option("--password", envvar="SHAZHOU_PASSWORD", prompt=True, hide_input=True, help="Password. 密码")
    ] = "",
    database: Database = "",
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
    json: Json = False,
) -> None:
    """Add somebody with a role. 添加用户并授予角色"""
    _environment(data, city, database)
    from shazhou.console.serve import prepare

    prepare()
    from django.core.exceptions import ValidationError
    from django.db import transaction

    from shazhou.city.problem import Problem, Rule, Where
    from shazhou.console.access.people import give, make_person

    try:
        with transaction.atomic():
            person = make_person(username, password, name)
            give(person, role, place or [], enterprise or [])
    except ValidationError as error:
        text = "; ".join(error.messages)
        rule = Rule("user-refused", "{found}", "{found}", "Mend it and try again.", "请更正后重试。")
        fail((Problem(rule, Where(), text),), json)
    if json:
        show({"ok": True, "id": person.pk, "username": person.username, "role": role})
        return
    typer.echo(f"{username}: {role}")
