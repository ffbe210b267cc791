"""The ledger's pages: the chain for all, words and rows for those who may see them, verification on demand."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from small_town import MANY, small_town

from shazhou.console.access.models import Happening
from shazhou.console.evidence import current, jobs
from shazhou.ledger.ledger import Ledger

ENGLISH = {"accept-language": "en"}
CHINESE = {"accept-language": "zh-CN"}

pytestmark = pytest.mark.usefixtures("in_town")


def read(browser: Client, address: str, **headers: str) -> str:
    answer = browser.get(address, headers={**ENGLISH, **headers})
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_submissions_stand_newest_first_with_their_heads(site: Client, town: Path) -> None:
    shown = read(site, "/ledger/")
    chain = Ledger.open(town).submissions()
    places = [shown.index(each.head) for each in reversed(chain)]
    assert places == sorted(places)
    assert "Product, corrected" in shown
    assert "bureau" in shown
    assert "erased by order" in shown
    assert "共 9 份报送" in read(site, "/ledger/", **CHINESE)


def test_what_enterprises_reported_stays_a_link_of_the_chain_without_words(
    site: Client, signed_in: Callable[..., Client]
) -> None:
    shown = read(site, "/ledger/")
    assert "Not public" in shown
    assert "Returns of 2021" not in shown
    assert "sent by mistake" not in shown
    assert site.get("/ledger/4/").headers["Location"].startswith("/sign-in/")
    assert signed_in("reporter", enterprises=("enterprise:a",)).get("/ledger/4/").status_code == 403
    analyst = signed_in("analyst")
    listed = read(analyst, "/ledger/")
    assert "Returns of 2021" in listed
    assert "withdrawn by no. 8" in listed
    assert "Withdrawal of returns: sent by mistake" in read(analyst, "/ledger/4/")
    assert Happening.objects.filter(what="microdata seen").count() == 1


def test_a_submission_shows_what_it_changed(site: Client, signed_in: Callable[..., Client]) -> None:
    mended = read(site, "/ledger/7/")
    assert "was 120 CNY" in mended
    assert "125 CNY" in mended
    assert "no. 2" in mended
    first = read(site, "/ledger/2/")
    assert first.count("<td>new") == 3
    assert "withdraws 250 CNY" in read(signed_in("analyst"), "/ledger/8/")


def test_many_observations_are_paged(site: Client) -> None:
    shown = read(site, "/ledger/3/?page=2")
    assert f"{2 * MANY} observations" in shown
    assert "Page 2 of 5" in shown
    assert "enterprise:e150" in shown
    assert "enterprise:e99<" not in shown


def test_a_head_of_the_past_ends_the_list(site: Client, town: Path) -> None:
    then = Ledger.open(town).submissions()[2].head
    shown = read(site, f"/ledger/?as_of={then[:12]}")
    assert "Product, corrected" not in shown
    assert site.get("/ledger/?as_of=yesterday").status_code == 404
    assert site.get("/ledger/99/").status_code == 404


def test_only_those_who_may_verify_do(site: Client, signed_in: Callable[..., Client]) -> None:
    assert "Verify the ledger" not in read(site, "/ledger/")
    assert site.post("/ledger/verify/").headers["Location"].startswith("/sign-in/")
    assert signed_in("reporter", enterprises=("enterprise:a",)).get("/ledger/verify/").status_code == 403
    assert "has not been verified" in read(signed_in("administrator"), "/ledger/verify/")


def test_progress_is_told_without_javascript_and_with_it(signed_in: Callable[..., Client], town: Path) -> None:
    analyst = signed_in("analyst")
    file = jobs.folder() / "verify.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f'{{"step": "content", "done": 30, "total": 120, "told": {time.time()}}}')
    whole = read(analyst, "/ledger/verify/")
    assert "Hashing the observations: 30 of 120" in whole
    assert '<meta http-equiv="refresh"' in whole
    part = read(analyst, "/ledger/verify/", hx_request="true")
    assert 'value="25"' in part
    assert "<html" not in part
    file.write_text('{"step": "content", "told": 1.0}')
    assert "ended without a result" in read(analyst, "/ledger/verify/")
    file.unlink()


@pytest.mark.slow
def test_a_verification_runs_in_a_process_of_its_own_and_is_logged(
    signed_in: Callable[..., Client], town: Path
) -> None:
    analyst = signed_in("analyst")
    expect = Ledger.open(town).head()
    assert analyst.post("/ledger/verify/", {"expect": expect}).headers["Location"] == "/ledger/verify/"
    until = time.monotonic() + 60
    while jobs.state("verify").at_work and time.monotonic() < until:  # type: ignore[union-attr]
        time.sleep(0.1)
    shown = read(analyst, "/ledger/verify/")
    assert "Intact: nothing is missing and nothing was changed." in shown
    assert expect in shown
    assert Happening.objects.filter(what="verified", details__expect=expect).exists()


@pytest.mark.slow
def test_damage_is_found_and_told_in_both_languages(
    signed_in: Callable[..., Client], tmp_path: Path, settings: Any
) -> None:
    ledger = small_town(tmp_path / "ledger")
    document = ledger.documents.path(ledger.submissions()[1].document)
    document.write_bytes(document.read_bytes() + b"2022,999\n")
    settings.DEPLOYMENT = replace(settings.DEPLOYMENT, data=tmp_path / "ledger")
    current.ledger.cache_clear()
    analyst = signed_in("analyst")
    analyst.post("/ledger/verify/", {})
    until = time.monotonic() + 60
    while jobs.state("verify").at_work and time.monotonic() < until:  # type: ignore[union-attr]
        time.sleep(0.1)
    assert "not as" in read(analyst, "/ledger/verify/")
    assert "与原来不符" in read(analyst, "/ledger/verify/", **CHINESE)
