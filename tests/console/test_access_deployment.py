"""What the environment says of a deployment, and how the web server is started."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from shazhou.city.problem import Refused
from shazhou.console import serve
from shazhou.console.deployment import Deployment


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Deployment:
    for name in ("DATABASE", "HOSTS", "HTTPS", "PROXIES", "METRICS", "SECRET"):
        monkeypatch.delenv(f"SHAZHOU_{name}", raising=False)
    monkeypatch.setenv("SHAZHOU_DATA", str(tmp_path / "a%20b #?" / "ledger"))
    return Deployment.of_environment()


def test_sqlite_lies_beside_the_ledger_and_waits_for_writers(plain: Deployment) -> None:
    settings = plain.database_settings()
    assert plain.sqlite == plain.data.with_name("ledger.console") / "people.sqlite3"
    assert settings["OPTIONS"]["transaction_mode"] == "IMMEDIATE" and settings["OPTIONS"]["timeout"] >= 20
    assert "WAL" in settings["OPTIONS"]["init_command"]


def test_postgresql_is_named_by_its_address(plain: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHAZHOU_DATABASE", "postgres://people:p%40ss@db.example:5433/shazhou?sslmode=require")
    deployment = Deployment.of_environment()
    settings = deployment.database_settings()
    assert settings["ENGINE"] == "django.db.backends.postgresql" and deployment.sqlite is None
    assert (settings["HOST"], settings["PORT"], settings["NAME"]) == ("db.example", 5433, "shazhou")
    assert (settings["USER"], settings["PASSWORD"]) == ("people", "p@ss")
    assert settings["OPTIONS"] == {"sslmode": "require"} and settings["CONN_HEALTH_CHECKS"]


@pytest.mark.parametrize("address", ["shazhou", "mysql://a:secret@b/c", "postgres://a:secret@b:port/c", "/var/people"])
def test_what_is_no_address_of_a_database_is_refused_without_its_password(plain: Deployment, address: str) -> None:
    with pytest.raises(Refused) as refused:
        replace(plain, database=address).database_settings()
    assert refused.value.problems[0].rule.id == "database-address" and "secret" not in str(refused.value)


def test_postgresql_without_its_driver_is_said_to_need_one(plain: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHAZHOU_DATABASE", "postgres://people@127.0.0.1:1/shazhou")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(Refused) as refused:
        serve.prepare_people()
    assert "psycopg" in refused.value.problems[0].mend("zh")


def test_the_secret_is_kept_for_its_owner_alone(plain: Deployment) -> None:
    plain.prepare()
    secret = plain.folder / "secret"
    assert secret.stat().st_mode & 0o077 == plain.folder.stat().st_mode & 0o077 == 0
    assert Deployment.of_environment().secret == plain.secret == secret.read_text()


def test_hosts_proxies_and_metrics_come_from_the_environment(
    plain: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (plain.hosts, plain.proxies, plain.open_metrics) == (("127.0.0.1", "localhost", "[::1]"), (), False)
    monkeypatch.setenv("SHAZHOU_HOSTS", "shazhou.example, 10.0.0.5")
    monkeypatch.setenv("SHAZHOU_PROXIES", "10.0.0.1")
    monkeypatch.setenv("SHAZHOU_METRICS", "open")
    told = Deployment.of_environment()
    assert (told.hosts, told.proxies, told.open_metrics) == (("shazhou.example", "10.0.0.5"), ("10.0.0.1",), True)


def test_the_web_server_leaves_no_socket_in_a_home_folder_and_believes_named_proxies_only(plain: Deployment) -> None:
    command = serve.command(replace(plain, proxies=("10.0.0.1",)), "::1", 8000, 3, 4, access_log=True)
    assert {"--no-control-socket", "--bind=[::1]:8000", "--workers=3", "--threads=4"} <= set(command)
    assert {"--forwarded-allow-ips=10.0.0.1", "--access-logfile=-", "--limit-request-line=8190"} <= set(command)
    assert "--access-logfile=-" not in serve.command(plain, "127.0.0.1", 8000, 1, 1, access_log=False)


def test_a_port_that_is_taken_is_said_to_be(plain: Deployment) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(Refused) as refused:
            serve.refuse_taken("127.0.0.1", other.getsockname()[1])
        assert refused.value.problems[0].rule.id == "port-taken"
        port = other.getsockname()[1]
    serve.refuse_taken("127.0.0.1", port)
