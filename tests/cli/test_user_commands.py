"""People, backup and restore on the command line, each in a process of its own as an operator runs it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest
from shell import COMMAND, shazhou, spawned
from waiting import free_port

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def data(loaded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with the city's evidence and a people's database of its own."""
    folder = tmp_path_factory.mktemp("users") / "ledger"
    shutil.copytree(loaded, folder)
    done = spawned("user", "add", "root", "--role", "administrator", "--password", PASSWORD, data=folder)
    assert done.status == 0 and done.out == "root: administrator\n", done.err
    return folder


@pytest.mark.slow
def test_somebody_is_added_and_listed(data: Path) -> None:
    named = ("--name", "李红", "--title", "杨舍镇", "--password", PASSWORD, "--json")
    done = spawned("user", "add", "li", "--role", "town", "--place", "320582100", *named, data=data)
    assert done.status == 0 and done.json["ok"], done.err
    assert done.json["roles"] == [{"role": "town", "places": ["320582100"], "enterprises": []}]
    people = {each["username"]: each for each in spawned("user", "list", "--json", data=data).json}
    assert set(people) >= {"root", "li"} and people["li"]["name"] == "李红" and people["li"]["active"]
    text = spawned("user", "list", data=data).out
    assert "li  李红\n    town  320582100" in text and "root\n    administrator" in text


def test_a_refusal_names_its_rule_in_both_languages(data: Path) -> None:
    done = spawned("user", "add", "root", "--role", "analyst", "--password", PASSWORD, "--json", data=data)
    (problem,) = done.json["problems"]
    assert done.status == 1 and problem["rule"] == "user-name-refused"
    assert "already exists" in problem["en"] and "已存在" in problem["zh"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "rule", "zh"),
    [
        (("root", "--role", "analyst"), "user-name-refused", "已存在"),
        (("new", "--role", "king"), "unknown-role", "没有名为"),
        (("new", "--role", "town"), "places-missing", "须指定所辖地方"),
        (("new", "--role", "town", "--place", "atlantis"), "unknown-place", "没有编码为"),
        (("new", "--role", "reporter", "--enterprise", "enterprise:x"), "unknown-enterprise", "账本中没有"),
        (("new", "--role", "analyst", "--password", "1234567890"), "password-refused", "密码"),
        (("new", "--role", "analyst", "--database", "mysql://x@y/z"), "database-address", "不是数据库地址"),
    ],
)
def test_a_refusal_is_in_both_languages_and_adds_nobody(
    data: Path, arguments: tuple[str, ...], rule: str, zh: str
) -> None:
    given = arguments if "--password" in arguments else (*arguments, "--password", PASSWORD)
    done = spawned("user", "add", *given, "--json", data=data)
    assert done.status == 1 and "Traceback" not in done.err
    (problem,) = done.json["problems"]
    assert problem["rule"] == rule and zh in problem["zh"] and problem["en"] and problem["mend_zh"]
    assert "new" not in spawned("user", "list", data=data).out


@pytest.mark.slow
def test_an_operator_lets_somebody_in_again(data: Path) -> None:
    done = spawned("user", "recover", "root", "--password", "three blind mice run", "--json", data=data)
    assert done.status == 0 and done.json["username"] == "root", done.err
    nobody = spawned("user", "recover", "none", "--password", PASSWORD, data=data)
    assert nobody.status == 1 and "Nobody has the user name none" in nobody.err and "没有登录名为" in nobody.err


@pytest.mark.slow
def test_a_deployment_is_backed_up_and_restored(data: Path, tmp_path: Path) -> None:
    archive, other = tmp_path / "backup.tar.gz", tmp_path / "other" / "ledger"
    done = spawned("backup", archive, "--json", data=data)
    assert done.status == 0 and done.json["database"] == "sqlite", done.err
    again = spawned("restore", archive, "--json", data=other)
    assert again.status == 0 and again.json["head"] == done.json["head"], again.err
    assert "root" in spawned("user", "list", data=other).out
    figure = ("figure", "gdp", "--period", "2021", "--json")
    assert shazhou(*figure, data=other).json["value"] == shazhou(*figure, data=data).json["value"] is not None
    refused = spawned("restore", archive, data=other)
    assert refused.status == 1 and "never overwrites" in refused.err and "不会覆盖" in refused.err


@pytest.mark.slow
def test_without_the_people_there_is_no_backup(data: Path, tmp_path: Path) -> None:
    address = "postgres://people:secret@127.0.0.1:1/shazhou"
    done = spawned("backup", tmp_path / "backup.tar.gz", "--database", address, data=data)
    assert done.status == 1 and "pg_dump" in done.err and "用户数据库" in done.err and "secret" not in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def served(data: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    port, home = free_port(), tmp_path / "home"
    home.mkdir()
    process = subprocess.Popen(
        [COMMAND, "serve", "--demo", "--port", str(port), "--data", str(data)],
        env={**os.environ, "HOME": str(home), "XDG_RUNTIME_DIR": "", "SHAZHOU_METRICS": "open"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process, port
    process.kill()
    process.wait()


def answer(port: int) -> int:
    """The status of the site's health, once it answers at all."""
    for _ in range(600):
        try:
            with urlopen(f"http://127.0.0.1:{port}/health") as told:
                return int(told.status)
        except HTTPError as error:
            return error.code
        except URLError:
            time.sleep(0.1)
    raise AssertionError("the site did not answer within a minute")


@pytest.mark.slow
def test_the_site_is_served_prints_its_accounts_and_leaves_the_home_folder_alone(
    served: tuple[subprocess.Popen[str], int], tmp_path: Path
) -> None:
    process, port = served
    assert [answer(port) for _ in range(20)] == [200] * 20
    with urlopen(f"http://127.0.0.1:{port}/metrics") as told:
        counted = [line for line in told.read().decode().splitlines() if line.startswith("shazhou_requests_total")]
    (asked,) = (line for line in counted if 'page="health"' in line and 'status="200"' in line)
    assert float(asked.rpartition(" ")[2]) >= 20, "all workers count together"
    taken = spawned("serve", "--port", port, data=tmp_path / "none")
    assert taken.status == 1 and "port-taken" in taken.err
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=40)
    assert process.returncode == 0, err
    first, *accounts = out.splitlines()
    assert first == f"http://127.0.0.1:{port}"
    assert [line.split()[0] for line in accounts] == [
        "leadership",
        "analyst",
        "reviewer",
        "town",
        "reporter",
        "administrator",
    ]
    assert all(len(line.split()) == 3 for line in accounts)
    assert list((tmp_path / "home").rglob("*")) == [] and "Traceback" not in err
