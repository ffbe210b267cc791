"""Running the site: makes what is missing, brings the database up to date, and hands over to the web server.

The server is a process of its own that starts afresh: a process that has used the ledger must not be forked, since
the storage engine's threads do not live on in the child.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from typing import NoReturn

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.console.deployment import DATABASE_AWAY, Deployment, require_driver

PORT_TAKEN = Rule(
    "port-taken",
    "The site cannot listen on {found}.",
    "网站无法监听 {found}。",
    "Choose another port with --port, or end what uses this one.",
    "请用 --port 换一个端口，或停止占用该端口的程序。",
)

START_SECONDS = 30

NOT_STARTED = Rule(
    "site-not-started",
    "The site does not answer at {found}.",
    "网站在 {found} 没有应答。",
    "Its log says why.",
    "请查看其日志。",
)


def prepare_people() -> None:
    """The people's database, up to date and with its audit log sealed; SHAZHOU_DATA and the like are in the
    environment.

    Raises:
        Refused: the database does not answer, or cannot be spoken to.
    """
    deployment = Deployment.of_environment()
    if deployment.sqlite is None:
        require_driver()
    deployment.prepare()
    # The library that draws the report's charts keeps a list of fonts, in the home folder if it is not told where.
    os.environ.setdefault("MPLCONFIGDIR", str(deployment.folder / "fonts"))
    start_django()
    from django.core.management import call_command
    from django.db.utils import OperationalError

    from shazhou.console.access.audit import seal

    try:
        # One at a time: a database server does not keep two that make the same table apart.
        with deployment.turn("preparing"):
            call_command("migrate", verbosity=0, interactive=False)
            seal()
            call_command("clearsessions")
    except OperationalError as error:
        raise Refused([Problem(DATABASE_AWAY, Where(), str(error).strip().partition("\n")[0])]) from None


def complete_returns() -> None:
    """Approvals and withdrawals that a crash left half done, brought to their end; and who owes a return today is
    stated, where there is a city and its ledger can be written to."""
    from shazhou.console.desk.approval import complete_all
    from shazhou.console.evidence import current, reporting

    complete_all()
    if current.city_or_none() is not None and current.ledger().writable:
        reporting.open_rounds(reporting.today())


def prepare_evidence() -> None:
    """The newest head, open, with what is kept of it in the ledger's cache; nothing where there is no city yet."""
    from shazhou.console.evidence import current
    from shazhou.console.evidence.coverage import coverage
    from shazhou.console.evidence.register import register

    if current.city_or_none() is not None:
        coverage(current.head())
        register()


def prepare_files() -> None:
    """The static files, as browsers get them."""
    from django.core.management import call_command

    call_command("collectstatic", verbosity=0, interactive=False)


def start_django() -> None:
    """Loads the site, without a server."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shazhou.console.settings")
    django.setup()


def refuse_taken(host: str, port: int) -> None:
    """Nothing, where the site can listen.

    Raises:
        Refused: it cannot.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except OSError:
        raise Refused([Problem(PORT_TAKEN, Where(), f"{host}:{port}")]) from None


def run(host: str, port: int, workers: int, threads: int, access_log: bool) -> NoReturn:
    """Becomes the web server."""
    deployment = _counting()
    os.execv(sys.executable, command(deployment, host, port, workers, threads, access_log))


def start(host: str, port: int, workers: int, threads: int, access_log: bool) -> None:
    """Starts the web server beside this process and waits until it listens; ``site.pid`` in the console's folder names
    it, ``site.log`` holds what it says.

    Raises:
        Refused: it ended, or does not listen within half a minute.
    """
    deployment = _counting()
    words = [*command(deployment, host, port, workers, threads, access_log), f"--pid={deployment.folder / 'site.pid'}"]
    log = deployment.folder / "site.log"
    with log.open("ab") as said:
        server = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True)
    until = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1):
            return
        time.sleep(0.1)
    server.terminate()
    raise Refused([Problem(NOT_STARTED, Where(str(log)), f"{host}:{port}")])


def _counting() -> Deployment:
    """The deployment, with an empty folder in which its workers count together."""
    deployment = Deployment.of_environment()
    counted = deployment.folder / "metrics"
    shutil.rmtree(counted, ignore_errors=True)
    counted.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(counted)
    return deployment


def command(deployment: Deployment, host: str, port: int, workers: int, threads: int, access_log: bool) -> list[str]:
    """The command line of the web server: it keeps nothing in anybody's home folder, and logs to standard error what
    goes wrong, and to standard output each request where that is wished."""
    return [
        sys.executable,
        *("-m", "gunicorn", "shazhou.console.wsgi:application", "--config=python:shazhou.console.workers"),
        f"--bind={f'[{host}]' if ':' in host else host}:{port}",
        *(f"--workers={workers}", "--worker-class=gthread", f"--threads={threads}"),
        *("--timeout=120", "--graceful-timeout=30", "--no-control-socket", "--log-level=warning"),
        # An address holds the whole choice of indicators and what is pinned beside it.
        "--limit-request-line=8190",
        f"--forwarded-allow-ips={','.join(deployment.proxies) or '127.0.0.1'}",
        *(["--access-logfile=-"] if access_log else []),
    ]
