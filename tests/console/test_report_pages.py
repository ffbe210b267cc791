"""The work report: read with live trails, stopped by its checks, taken away, and compared between two heads."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client
from small_town import TEMPLATE, small_town

from shazhou.console.evidence import current, jobs
from shazhou.ledger.ledger import Ledger

ENGLISH = {"accept-language": "en"}
CHINESE = {"accept-language": "zh-CN"}

pytestmark = pytest.mark.usefixtures("in_town")


def read(browser: Client, address: str, headers: dict[str, str] = ENGLISH) -> str:
    answer = browser.get(address, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_number_of_the_report_opens_its_trail(signed_in: Callable[..., Client]) -> None:
    analyst = signed_in("analyst")
    shown = read(analyst, "/report/?year=2021")
    assert "Gross domestic product came to" in shown
    assert "125 yuan" in shown
    assert 'href="/trail/?indicator=gdp&amp;place=city&amp;period=2021&amp;as_of=' in shown
    assert "800 yuan" in shown
    assert "地区生产总值为" in read(analyst, "/report/?year=2021", CHINESE)
    assert "地区生产总值为" in read(analyst, "/report/?year=2021&language=zh")


def test_a_stranger_reads_only_what_is_open(site: Client) -> None:
    shown = read(site, "/report/?year=2021")
    assert "125 yuan" in shown
    assert "800 yuan" not in shown
    assert "have not been released" in shown
    stopped = read(site, "/report/file/?year=2021&format=pdf")
    assert "cannot be taken away yet" in stopped


def test_the_report_of_then_has_the_figures_of_then(site: Client, town: Path) -> None:
    then = Ledger.open(town).submissions()[2].head
    assert "120 yuan" in read(site, f"/report/?year=2021&as_of={then}")
    assert site.get("/report/?as_of=yesterday").status_code == 404


def test_without_a_choice_the_latest_year_that_is_known_well_is_shown(site: Client) -> None:
    assert "<option selected>2021</option>" in read(site, "/report/")


def test_problems_are_listed_by_sentence_and_stop_the_files(
    signed_in: Callable[..., Client], tmp_path: Path, settings: Any
) -> None:
    typed = {language: text + "\nThere were 500 of them 共有500家。\n" for language, text in TEMPLATE.items()}
    small_town(tmp_path / "ledger", typed)
    settings.DEPLOYMENT = replace(settings.DEPLOYMENT, data=tmp_path / "ledger")
    current.ledger.cache_clear()
    analyst = signed_in("analyst")
    shown = read(analyst, "/report/?year=2021")
    assert "The checks stop this report" in shown
    assert "There were 500 of them" in shown
    assert "typed by hand" in shown
    assert "Download" not in shown
    assert "手工输入" in read(analyst, "/report/file/?year=2021&format=docx", CHINESE)


def test_two_heads_differ_in_sentences_and_numbers_because_of_submissions(
    signed_in: Callable[..., Client], town: Path
) -> None:
    chain = Ledger.open(town).submissions()
    analyst = signed_in("analyst")
    shown = read(analyst, f"/report/compare/?year=2021&from={chain[4].head}&to={chain[8].head}")
    assert "Gross domestic product came to 120 yuan" in shown
    assert "Gross domestic product came to 125 yuan" in shown
    assert "The output of enterprises was 1,050 yuan" in shown
    assert "The output of enterprises was 800 yuan" in shown
    assert "A year earlier" not in shown
    assert '<a href="/ledger/7/">Submission 7</a>: Product, corrected' in shown
    assert '<a href="/ledger/8/">Submission 8</a>' in shown
    assert '<a href="/ledger/6/">' not in shown
    assert "2 numbers changed" in shown


def test_what_was_not_there_before_is_added(site: Client, town: Path) -> None:
    chain = Ledger.open(town).submissions()
    shown = read(site, f"/report/compare/?year=2021&from={chain[0].head}&to={chain[1].head}")
    assert 'class="difference difference-added"' in shown
    assert '<a href="/ledger/2/">Submission 2</a>' in shown
    back = read(site, f"/report/compare/?year=2021&from={chain[1].head}&to={chain[0].head}")
    assert 'class="difference difference-removed"' in back


def test_a_stranger_is_not_told_what_was_reported(site: Client, town: Path) -> None:
    chain = Ledger.open(town).submissions()
    shown = read(site, f"/report/compare/?year=2021&from={chain[4].head}&to={chain[8].head}")
    assert "125 yuan" in shown
    assert "800 yuan" not in shown
    assert "sent by mistake" not in shown


def test_the_same_head_is_the_same_report(site: Client, town: Path) -> None:
    head = Ledger.open(town).head()
    assert "the same at both heads" in read(site, f"/report/compare/?year=2021&from={head}")
    assert "Choose two moments" in read(site, "/report/compare/?year=2021")


@pytest.mark.slow
def test_files_are_built_beside_and_kept(signed_in: Callable[..., Client]) -> None:
    analyst = signed_in("analyst")
    address = "/report/file/?year=2021&language=en&format="
    assert "being written" in read(analyst, f"{address}docx")
    until = time.monotonic() + 120
    while jobs.state("report").at_work and time.monotonic() < until:  # type: ignore[union-attr]
        time.sleep(0.2)
    told = analyst.get(f"{address}docx", headers={**ENGLISH, "hx-request": "true"})
    assert told.headers["HX-Redirect"] == f"{address}docx"
    for form, begins in (("docx", b"PK"), ("pdf", b"%PDF"), ("xhtml", b"<?xml"), ("zip", b"PK")):
        answer = analyst.get(address + form)
        content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
        assert content.startswith(begins)
        assert answer.headers["Content-Disposition"] == f'attachment; filename="work_report_2021.en.{form}"'
    assert {Path(name).suffix for name in ZipFile(io.BytesIO(content)).namelist()} >= {".xhtml", ".xsd"}
