"""Health for people, load balancers and Prometheus."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from shazhou.console.access.rules import Action
from shazhou.console.administration import health
from shazhou.console.administration.urls import metrics_read_by
from shazhou.console.evidence import current

ENGLISH = {"headers": {"accept-language": "en"}}


def test_a_load_balancer_is_told_that_all_is_well_and_nothing_else(site: Client) -> None:
    answer = site.get("/health")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "checks": {"ledger": "ok", "database": "ok", "disk": "ok"}}
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_load_balancer_is_told_that_the_ledger_is_gone(site: Client, settings: Any, tmp_path: Path) -> None:
    settings.DEPLOYMENT = replace(settings.DEPLOYMENT, data=tmp_path / "none")
    current.ledger.cache_clear()
    answer = site.get("/health")
    assert answer.status_code == 503 and answer.json()["checks"]["ledger"] == "failing"


def test_a_load_balancer_is_told_that_the_ledger_is_damaged(site: Client, settings: Any, tmp_path: Path) -> None:
    from shazhou.ledger.ledger import Ledger

    ledger = Ledger.create(tmp_path / "ledger")
    (ledger.submission_files.log / "00000000000000000000.json").write_bytes(b"{")
    settings.DEPLOYMENT = replace(settings.DEPLOYMENT, data=ledger.folder)
    current.ledger.cache_clear()
    answer = site.get("/health")
    assert answer.status_code == 503 and answer.json()["checks"]["ledger"] == "failing"


def test_a_full_disk_is_told_before_an_append_fails(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LEAST_FREE", 1 << 80)
    answer = site.get("/health")
    assert answer.status_code == 503 and answer.json()["checks"]["disk"] == "failing"


def test_the_page_shows_versions_disk_ledger_and_that_there_is_no_backup_yet(
    signed_in: Callable[..., Client],
) -> None:
    administrator = signed_in("administrator")
    page = administrator.get("/administration/health/", **ENGLISH).content.decode()
    assert current.head()[:12] in page and "no backup yet" in page
    for name, text in health.versions().items():
        assert f"{name}</th><td>{text}<" in page
    assert "尚无备份" in administrator.get("/administration/health/").content.decode()


def test_the_page_shows_the_last_backup(
    signed_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    from shazhou.console.backup import Backup

    made = Backup(datetime(2026, 3, 1, 4, 0, tzinfo=UTC), "/backup/march.tar.gz", 2_000_000, "0" * 64, 3, "sqlite")
    made = replace(made, telemetry=7, lost=("samples/2026-02-28.0.parquet",))
    monkeypatch.setattr(health, "last_backup", lambda _: made)
    page = signed_in("administrator").get("/administration/health/", **ENGLISH).content.decode()
    assert "2026-03-01 12:00" in page and "/backup/march.tar.gz" in page and "has grown since" in page
    assert "had lost samples/2026-02-28.0.parquet" in page and "older archive" in page


def test_the_size_of_a_folder_is_that_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "one").write_bytes(b"x" * 10)
    (tmp_path / "a" / "b" / "two").write_bytes(b"x" * 32)
    assert health.size_of(tmp_path) == 42 and health.size_of(tmp_path / "none") == 0


def samples(browser: Client) -> dict[tuple[str, str], float]:
    text = browser.get("/metrics").content.decode()
    families = text_string_to_metric_families(text)
    return {(s.name, s.labels.get("page", "")): s.value for family in families for s in family.samples}


def test_prometheus_reads_the_state_and_how_often_each_page_was_asked_for(signed_in: Callable[..., Client]) -> None:
    administrator = signed_in("administrator")
    before = samples(administrator).get(("shazhou_request_seconds_count", "sign-in"), 0)
    administrator.get("/sign-in/")
    Client().get("/sign-in/")
    after = samples(administrator)
    assert after["shazhou_request_seconds_count", "sign-in"] == before + 2
    assert after["shazhou_healthy", ""] == 1
    assert after["shazhou_ledger_submissions", ""] == len(current.ledger().submissions())
    assert after["shazhou_people_active", ""] == 1
    assert after["shazhou_ledger_bytes", ""] > 10_000 and after["shazhou_disk_free_bytes", ""] > 0


def test_the_measurements_are_for_the_administrator_unless_the_deployment_opens_them(settings: Any) -> None:
    assert metrics_read_by(settings.DEPLOYMENT) is Action.READ_METRICS
    assert metrics_read_by(replace(settings.DEPLOYMENT, open_metrics=True)) is Action.SEE_PUBLISHED
