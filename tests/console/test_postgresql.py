"""The people's database on PostgreSQL: a server of the test's own, and the site with two workers before it."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, expect
from race_outcome import answer, check
from running_postgresql import SECRET, Server, postgresql
from running_site import COMMAND, PASSWORD, chromium, run, serving

from shazhou.ledger.ledger import Ledger

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgresql() as found:
        yield found


def sign_in(page: Page, name: str, password: str) -> None:
    page.goto("/sign-in/")
    page.locator("[name=username]").fill(name)
    page.locator("[name=password]").fill(password)
    with page.expect_navigation():
        page.locator("main form button").click()


def test_people_are_made_sign_in_and_are_throttled_and_the_site_outlives_a_restart(
    server: Server, tmp_path: Path
) -> None:
    known = {
        "SHAZHOU_DATA": str(tmp_path / "ledger"),
        "SHAZHOU_DATABASE": server.database("site"),
        "SHAZHOU_PASSWORD": PASSWORD,
    }
    run("init", **known)
    with serving(tmp_path / "log", workers=2, **known) as address, chromium() as browser:
        page = browser.new_context(locale="en-GB", base_url=address).new_page()
        page.goto("/first-run/")
        page.locator("[name=username]").fill("founder")
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("main form button").click()
        expect(page.locator("header")).to_contain_text("founder")
        assert page.request.get("/first-run/").status == 404
        run("user", "add", "reviewer", "--role", "reviewer", **known)

        other = browser.new_context(locale="en-GB", base_url=address).new_page()
        for _ in range(6):
            sign_in(other, "founder", "a wrong one")
        expect(other.locator("main")).to_contain_text("Too many attempts")
        sign_in(other, "founder", PASSWORD)
        expect(other.locator("main")).to_contain_text("Too many attempts")
        sign_in(other, "reviewer", PASSWORD)
        expect(other.locator("header")).to_contain_text("reviewer")

        for asked in ("people/?q=%00", "audit/?who=%00"):
            assert page.request.get(f"/administration/{asked}").status == 400

        balancer = browser.new_context(base_url=address).request
        with server.stopped():
            assert balancer.get("/health").status == 503
        assert balancer.get("/health").status == 200
        assert page.goto("/administration/audit/").status == 200  # type: ignore[union-attr]
        expect(page.locator("main")).to_contain_text("founder")


def test_the_first_starts_at_once_make_one_database(server: Server, tmp_path: Path) -> None:
    known = {"SHAZHOU_DATA": str(tmp_path / "ledger"), "SHAZHOU_DATABASE": server.database("at_once")}
    run("init", **known)
    words = [COMMAND, "user", "list", "--json"]
    started = [subprocess.Popen(words, env={**os.environ, **known}, stderr=subprocess.PIPE) for _ in range(3)]
    said = [each.communicate()[1] for each in started]
    assert [each.returncode for each in started] == [0, 0, 0], said


def test_a_race_its_log_and_its_backups(server: Server, tmp_path: Path) -> None:
    data, database = tmp_path / "ledger", server.database("race")
    answer("prepare", tmp_path, database=database)
    with ThreadPoolExecutor() as racing:
        race = racing.submit(answer, "run", tmp_path, 10, database=database)
        while not approved(database) and not race.done():
            time.sleep(0.1)
        backed_up(data, database, tmp_path / "meanwhile.tar.gz")
    happened = Counter(race.result())
    left = answer("outcome", tmp_path, database=database)
    check(happened, left)
    assert happened["quicker"] > 0 and any(each["state"] == "approved" for each in left["returns"])
    refuses_changes_of_its_log(database)
    head = backed_up(data, database, tmp_path / "after.tar.gz")

    meanwhile, after = (server.database(name) for name in ("meanwhile", "after"))
    restored(tmp_path / "meanwhile.tar.gz", tmp_path / "meanwhile" / "ledger", meanwhile)
    ids = {each.id for each in Ledger.open(tmp_path / "meanwhile" / "ledger").submissions()}
    assert approved(meanwhile) <= ids, "what the database calls approved is in the ledger of the same archive"
    assert restored(tmp_path / "after.tar.gz", tmp_path / "after" / "ledger", after) == head
    assert everything(after) == everything(database)
    refuses_changes_of_its_log(after)

    third = {"SHAZHOU_DATA": str(tmp_path / "third" / "ledger")}
    archive = str(tmp_path / "after.tar.gz")
    assert refused("restore", archive, **third, SHAZHOU_DATABASE="") == "restore-other-database"
    assert refused("restore", archive, **third, SHAZHOU_DATABASE=after) == "restore-database-not-empty"
    wrong = database.replace(":", ":no-", 2).replace(":no-", ":", 1)
    assert (
        refused("backup", str(tmp_path / "no.tar.gz"), SHAZHOU_DATA=str(data), SHAZHOU_DATABASE=wrong)
        == "database-copy"
    )
    assert sorted(each.name for each in tmp_path.glob("*.tar.gz")) == ["after.tar.gz", "meanwhile.tar.gz"]


def backed_up(data: Path, database: str, archive: Path) -> str:
    """The head of a backup that is made."""
    done = json.loads(run("backup", str(archive), "--json", SHAZHOU_DATA=str(data), SHAZHOU_DATABASE=database))
    assert done["database"] == "postgresql"
    return str(done["head"])


def restored(archive: Path, data: Path, database: str) -> str:
    """The head of a backup that is restored and verified."""
    done = json.loads(run("restore", str(archive), "--json", SHAZHOU_DATA=str(data), SHAZHOU_DATABASE=database))
    assert done["ok"]
    return str(done["head"])


def approved(database: str) -> set[str]:
    """The submissions that the database calls approved."""
    with psycopg.connect(database) as connection:
        found = connection.execute("SELECT submission FROM desk_return WHERE state = 'approved'").fetchall()
    return {submission for (submission,) in found}


def refuses_changes_of_its_log(database: str) -> None:
    """Whether the database itself keeps the audit log as it is, whoever asks it."""
    line = "SELECT id, now(), '', 'x', '', '{}' FROM access_happening LIMIT 1"
    into = "INSERT INTO access_happening (id, at, name, what, subject, details)"
    with psycopg.connect(database, autocommit=True) as connection:
        before = connection.execute("SELECT * FROM access_happening ORDER BY id").fetchall()
        for statement in (
            "UPDATE access_happening SET what = 'x'",
            "DELETE FROM access_happening",
            "TRUNCATE access_happening",
            f"{into} {line} ON CONFLICT (id) DO UPDATE SET what = 'x'",
        ):
            with pytest.raises(psycopg.errors.RaiseException, match="only added to"):
                connection.execute(statement.encode())
        assert before and connection.execute("SELECT * FROM access_happening ORDER BY id").fetchall() == before


def everything(database: str) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, and where each sequence stands."""
    with psycopg.connect(database) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        found = {name: connection.execute(f'SELECT t::text FROM "{name}" t ORDER BY 1'.encode()) for (name,) in tables}
        found["sequences"] = connection.execute("SELECT sequencename, last_value FROM pg_sequences ORDER BY 1")
        return {name: rows.fetchall() for name, rows in found.items()}


def refused(*arguments: str, **known: str) -> str:
    """The rule by which a command refuses, which tells nobody the password."""
    words = [COMMAND, *arguments, "--json"]
    done = subprocess.run(words, env={**os.environ, **known}, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and SECRET not in done.stdout + done.stderr and "%40" not in done.stdout + done.stderr
    (problem,) = json.loads(done.stdout)["problems"]
    return str(problem["rule"])
