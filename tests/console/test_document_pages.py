"""Documents: shown at a row, taken away as they were delivered, closed or erased where they are."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from small_town import GDP

from shazhou.console.access.models import Happening
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.submission import Submission

ENGLISH = {"accept-language": "en"}


pytestmark = pytest.mark.usefixtures("in_town")


@pytest.fixture
def chain(town: Path) -> tuple[Path, tuple[Submission, ...]]:
    """A ledger of a small town and its submissions."""
    return town, Ledger.open(town).submissions()


@pytest.fixture
def documents(chain: tuple[Path, tuple[Submission, ...]]) -> dict[str, str]:
    """The addresses of documents by the id of their submission."""
    return {each.id: f"/documents/{each.document}/" for each in chain[1]}


def test_a_document_opens_at_the_row(site: Client, documents: dict[str, str]) -> None:
    shown = site.get(documents["gdp"], {"row": 3}, headers=ENGLISH).content.decode()
    assert '<tr id="row-3" class="found" aria-current="true">' in shown
    assert shown.count('class="found"') == 1
    for part in ("gdp.csv", "Submission 2", "2020"):
        assert part in shown


def test_a_long_document_is_paged(site: Client, documents: dict[str, str]) -> None:
    shown = site.get(documents["staff"], {"row": 150}, headers=ENGLISH).content.decode()
    assert 'id="row-101"' in shown
    assert 'id="row-201"' not in shown
    assert "?row=1" in shown
    assert "?row=201" in shown


def test_the_original_is_a_file_to_keep(site: Client, documents: dict[str, str]) -> None:
    answer = site.get(documents["gdp"] + "original/")
    assert b"".join(answer.streaming_content) == GDP  # type: ignore[attr-defined]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="gdp.csv"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "application/octet-stream"


def test_what_enterprises_reported_is_seen_by_those_who_may_and_that_is_logged(
    site: Client, signed_in: Callable[..., Client], documents: dict[str, str]
) -> None:
    address = documents["returns"]
    assert site.get(address).headers["Location"].startswith("/sign-in/")
    assert signed_in("reporter", enterprises=("enterprise:a",)).get(address).status_code == 403
    assert signed_in("town", places=("south",)).get(address).status_code == 403
    analyst = signed_in("analyst")
    shown = analyst.get(address, {"row": 3, "sheet": "output"}, headers=ENGLISH).content.decode()
    assert '<tr id="row-3" class="found"' in shown
    assert "300" in shown
    assert analyst.get(address + "original/").status_code == 200
    assert [each.what for each in Happening.objects.order_by("id")][-2:] == ["microdata seen", "exported"]


def test_leadership_sees_but_does_not_take_away(signed_in: Callable[..., Client], documents: dict[str, str]) -> None:
    leader = signed_in("leadership")
    assert leader.get(documents["returns"]).status_code == 200
    assert leader.get(documents["returns"] + "original/").status_code == 403


def test_a_town_sees_the_document_that_is_wholly_its_own(
    signed_in: Callable[..., Client], documents: dict[str, str]
) -> None:
    officer = signed_in("town", places=("city",))
    answer = officer.get(documents["returns"] + "original/")
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert hashlib.sha256(content).hexdigest() in documents["returns"]


def test_an_erased_document_says_so_and_why(site: Client, documents: dict[str, str]) -> None:
    answer = site.get(documents["letter"], headers=ENGLISH)
    assert answer.status_code == 410
    shown = answer.content.decode()
    assert "erased by order" in shown
    assert "holds a telephone number" in shown
    assert "1234" not in shown
    assert site.get(documents["letter"] + "original/").status_code == 404


def test_the_definitions_are_listed_file_by_file(site: Client, documents: dict[str, str]) -> None:
    shown = site.get(documents["definitions"], headers=ENGLISH).content.decode()
    assert "places.csv" in shown
    assert "report/work_report.zh.md" in shown
    one = site.get(documents["definitions"], {"file": "places.csv", "row": 2}, headers=ENGLISH).content.decode()
    assert '<li id="row-2" class="found">' in one
    assert site.get(documents["definitions"], {"file": "../secret"}).status_code == 404


def test_there_are_no_other_documents(site: Client) -> None:
    assert site.get(f"/documents/{'0' * 64}/").status_code == 404
