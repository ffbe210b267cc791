"""Commands about the site: serve, user add, user list, user recover, backup, restore."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shazhou.cli.app import DEFAULT_CITY, DEFAULT_DATA, CityFolder, Data, Json, app, fail, show, working

if TYPE_CHECKING:
    from shazhou.console.access.demo import Account
    from shazhou.console.access.models import Person

user = typer.Typer(help="People who use the site. 网站用户", no_args_is_help=True)
app.add_typer(user, name="user")

Database = Annotated[
    str, typer.Option("--database", envvar="SHAZHOU_DATABASE", help="Address of the people's database. 用户数据库地址")
]
NewPassword = Annotated[
    str,
    typer.Option(
        "--password",
        envvar="SHAZHOU_PASSWORD",
        prompt="Password 密码",
        confirmation_prompt="Once more 再输入一次",
        hide_input=True,
        help="Password; better typed or in the environment than here. 密码",
    ),
]


@app.command()
def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on. 监听地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port. 端口")] = 8000,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes. 进程数")] = 2,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Threads of each. 每进程线程数")] = 24,
    demo: Annotated[bool, typer.Option("--demo", help="With an account for each role. 创建演示账号")] = False,
    access_log: Annotated[bool, typer.Option("--access-log", help="Log each request. 记录每次访问")] = False,
    background: Annotated[bool, typer.Option("--background", help="Return once it listens. 后台运行")] = False,
    database: Database = "",
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
) -> None:
    """Run the web site. 运行网站"""
    with working("preparing the site"):
        _environment(data, city, database)
        from shazhou.console import serve as site

        site.refuse_taken(host, port)
        site.prepare_people()
        site.complete_returns()
        site.prepare_files()
        # Once, and not by each worker while people wait: what is kept of a large ledger takes a while to make.
        site.prepare_evidence()
        accounts = _demo() if demo else []
        if background:
            site.start(host, port, workers, threads, access_log)
    typer.echo(f"http://{host}:{port}")
    for each in accounts:
        typer.echo(f"  {each.role:14} {each.username:14} {each.password}")
    if not background:
        site.run(host, port, workers, threads, access_log)


def _environment(data: Path, city: Path, database: str) -> None:
    os.environ["SHAZHOU_DATA"], os.environ["SHAZHOU_CITY"] = str(data.absolute()), str(city.absolute())
    if database:
        os.environ["SHAZHOU_DATABASE"] = database


def _demo() -> list[Account]:
    from shazhou.console.access.demo import demo_accounts, demo_scope

    return demo_accounts(*demo_scope())


@user.command("add")
def user_add(
    username: Annotated[str, typer.Argument(help="Name to sign in with. 登录名")],
    role: Annotated[
        str,
        typer.Option(
            "--role", help="leadership, analyst, reviewer, town, reporter or administrator. 角色", show_default=False
        ),
    ],
    password: NewPassword,
    place: Annotated[
        list[str] | None, typer.Option("--place", help="Key of a place of a town's role. 所辖地方")
    ] = None,
    enterprise: Annotated[
        list[str] | None, typer.Option("--enterprise", help="Id of an enterprise of a reporter's role. 所属企业")
    ] = None,
    name: Annotated[str, typer.Option("--name", help="Name shown. 姓名")] = "",
    title: Annotated[str, typer.Option("--title", help="Office and post. 单位职务")] = "",
    database: Database = "",
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
    json: Json = False,
) -> None:
    """Add somebody with a role. 添加用户并授予角色"""
    with working("adding"):
        _people(data, city, database)
        from django.db import transaction

        from shazhou.console.access.people import give, make_person
        from shazhou.console.access.scope import refuse_unknown

        refuse_unknown(place or [], enterprise or [])
        with transaction.atomic():
            person = make_person(username, password, name, title)
            give(person, role, place or [], enterprise or [])
    if json:
        show({"ok": True, **_person(person)})
    else:
        typer.echo(f"{username}: {role}")


@user.command("list")
def user_list(
    database: Database = "", data: Data = DEFAULT_DATA, city: CityFolder = DEFAULT_CITY, json: Json = False
) -> None:
    """List the people with their roles. 列出用户及角色"""
    with working("reading"):
        _people(data, city, database)
        from shazhou.console.access.models import Person

        found = [_person(each) for each in Person.objects.prefetch_related("assignments").order_by("username")]
    if json:
        show(found)
        return
    for each in found:
        state = "" if each["active"] else "  (deactivated 已停用)"
        typer.echo(f"{each['username']}  {each['name']}{state}".rstrip())
        for given in each["roles"]:
            typer.echo(f"    {given['role']}  {' '.join([*given['places'], *given['enterprises']])}".rstrip())


@user.command("recover")
def user_recover(
    username: Annotated[str, typer.Argument(help="Name to sign in with. 登录名")],
    password: NewPassword,
    database: Database = "",
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
    json: Json = False,
) -> None:
    """Give somebody a new password, take their second factor off and open what too many attempts closed. 找回账号"""
    with working("recovering"):
        _people(data, city, database)
        from shazhou.city.problem import Problem, Refused, Where
        from shazhou.console.access.models import Person
        from shazhou.console.access.people import NOBODY, recover

        person = Person.objects.filter(username=username).first()
        if person is None:
            raise Refused([Problem(NOBODY, Where(), username)])
        recover(person, password)
    if json:
        show({"ok": True, **_person(person)})
    else:
        typer.echo(f"{username}: can sign in with the new password 可用新密码登录")


def _people(data: Path, city: Path, database: str) -> None:
    _environment(data, city, database)
    from shazhou.console.serve import prepare_people

    prepare_people()


def _person(person: Person) -> dict[str, Any]:
    return {
        "id": person.pk,
        "username": person.username,
        "name": person.get_full_name(),
        "title": person.title,
        "active": person.is_active,
        "last_login": person.last_login,
        "roles": [
            {"role": each.role, "places": each.places, "enterprises": each.enterprises}
            for each in person.assignments.all()
        ],
    }


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Archive to write, such as backup.tar.gz. 备份文件")],
    database: Database = "",
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
    json: Json = False,
) -> None:
    """Pack ledger, documents, people's database and telemetry into one archive, while site and host run. 备份"""
    with working("packing") as status:
        _environment(data, city, database)
        from dataclasses import asdict

        from shazhou.console.backup import back_up
        from shazhou.console.deployment import Deployment

        done = back_up(
            Deployment.of_environment(),
            file,
            lambda step, number, total: status.update(f"{step}: {number:,} of {total:,}"),
        )
    problems = done.problems()
    if json:
        show({"ok": not problems, **asdict(done), "problems": [each.as_dict() for each in problems]})
    else:
        typer.echo(
            f"{done.file}: {done.bytes:,} bytes 字节  {done.submissions:,} submissions, "
            f"{done.telemetry:,} telemetry files 联网数据\nhead 账头 {done.head}"
        )
        for each in problems:
            typer.echo(str(each), err=True)
    if problems:
        raise typer.Exit(1)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="Archive that shazhou backup made. 备份文件")],
    database: Database = "",
    data: Data = DEFAULT_DATA,
    city: CityFolder = DEFAULT_CITY,
    json: Json = False,
) -> None:
    """Unpack an archive to where nothing is, and verify the ledger. 恢复备份并校验"""
    with working("unpacking") as status:
        _environment(data, city, database)
        from shazhou.console.backup import restore as restore_all
        from shazhou.console.deployment import Deployment

        result = restore_all(
            Deployment.of_environment(), file, lambda step, number, total: status.update(f"{step}: {number:,}")
        )
    if not result.ok:
        fail(result.failures, json)
    if json:
        show({"ok": True, "data": str(data), "head": result.head, "submissions": result.submissions})
        return
    typer.echo(
        f"{data}: restored and intact 已恢复，校验无误  {result.submissions:,} submissions, "
        f"{result.observations:,} observations, {result.documents:,} documents\nhead 账头 {result.head}"
    )
