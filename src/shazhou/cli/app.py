"""The application and what all its commands share: options, feedback, errors and exit status.

Exit status: 0 only when all is well, 1 when something was refused or failed, 2 for wrong usage, 130 when
interrupted. Results go to standard output, feedback to standard error. Rooms are imported inside the commands, so
that the first feedback is there before anything heavy is loaded.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from shazhou.city.problem import Language, Problem, Refused, Rule, Where

app = typer.Typer(
    name="shazhou",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Evidence, figures and work reports of a city. 一座城市的证据、数值与工作报告。",
)

Data = Annotated[Path, typer.Option("--data", envvar="SHAZHOU_DATA", help="Folder of the ledger. 账本文件夹")]
CityFolder = Annotated[Path, typer.Option("--city", envvar="SHAZHOU_CITY", help="City folder. 城市文件夹")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON. 输出 JSON")]
AsOfOption = Annotated[str, typer.Option("--as-of", help="A time or a head. 时间或账头")]
Lang = Annotated[str, typer.Option("--lang", envvar="SHAZHOU_LANG", help="zh or en. 语言")]
Deliverer = Annotated[str, typer.Option("--deliverer", envvar="SHAZHOU_DELIVERER", help="Who delivers. 报送人")]

DEFAULT_DATA = Path("var/ledger")
DEFAULT_CITY = Path("cities/zhangjiagang")
DEFAULT_LANG = "zh" if os.environ.get("LANG", "").startswith("zh") else "en"
DEFAULT_DELIVERER = os.environ.get("USER", "") or "shazhou"

NO_LANGUAGE = Rule(
    "no-such-language",
    "{found} is no language that is spoken here.",
    "不支持语言 {found}。",
    "Write zh or en.",
    "请写 zh 或 en。",
)

feedback = Console(stderr=True)


def language(lang: str) -> Language:
    """The language of an option.

    Raises:
        Refused: it is none that is spoken here.
    """
    if lang not in ("zh", "en"):
        raise Refused([Problem(NO_LANGUAGE, Where(column="--lang"), lang)])
    return "zh" if lang == "zh" else "en"


@contextlib.contextmanager
def working(text: str) -> Iterator[Any]:
    """Shows on standard error that something is going on; gives an object whose ``update`` changes the text."""
    if not feedback.is_terminal:
        yield feedback.status(text)
        return
    with feedback.status(text) as status:
        yield status


def show(value: object) -> None:
    """Prints JSON."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def warn(warning: Problem) -> None:
    """Prints on standard error what somebody should know of although nothing is wrong."""
    typer.echo(f"warning 提示 {warning}", err=True)


def fail(problems: tuple[Problem, ...], as_json: bool) -> None:
    """Prints problems and ends with status 1."""
    if as_json:
        show({"ok": False, "problems": [problem.as_dict() for problem in problems]})
    else:
        for problem in problems:
            typer.echo(str(problem), err=True)
    raise typer.Exit(1)


def main() -> None:
    """Runs the command line; no error of the user's ends in a traceback."""
    as_json = "--json" in sys.argv
    try:
        status = app(standalone_mode=False)
        sys.stdout.flush()
    except Refused as refused:
        problems = refused.problems
        status = _quietly(lambda: fail(problems, as_json))
    except typer.Exit as stop:
        status = stop.exit_code
    except (typer.Abort, KeyboardInterrupt):
        status = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    except OSError as error:
        status = _failed(f"{error.filename or ''}: {error.strerror or error}", as_json)
    except Exception as error:
        if not hasattr(error, "show"):
            raise
        status = _misused(error, as_json)
    sys.exit(status if isinstance(status, int) else 0)


def _quietly(action: Any) -> int:
    try:
        action()
    except typer.Exit as stop:
        return int(stop.exit_code)
    except BrokenPipeError:
        return 1
    return 0


def _misused(error: Any, as_json: bool) -> int:
    """Tells of wrong usage, which the command line's library raises as exceptions that show themselves."""
    text = error.format_message()
    if as_json:
        show({"ok": False, "problems": [{"rule": "usage", "en": text, "zh": f"用法有误：{text}"}]})
    else:
        error.show()
    return int(error.exit_code)


def _failed(text: str, as_json: bool) -> int:
    if as_json:
        show({"ok": False, "problems": [{"rule": "system", "en": text, "zh": text}]})
    else:
        typer.echo(text, err=True)
    return 1


from shazhou.cli import (  # noqa: E402
    certificate,
    edge,
    enrolment,
    evidence,
    figures,
    fleet,
    host,
    kpi,
    machines,
    presence,
    site,
    telemetry,
    works,
)

__all__ = [
    "certificate",
    "edge",
    "enrolment",
    "evidence",
    "figures",
    "fleet",
    "host",
    "kpi",
    "machines",
    "main",
    "presence",
    "site",
    "telemetry",
    "works",
]
