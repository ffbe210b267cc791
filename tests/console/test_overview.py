"""The first page shows the promises."""

from __future__ import annotations

from django.test import Client


def test_a_stranger_sees_the_headline_promises_and_that_there_is_no_evidence(site: Client) -> None:
    page = site.get("/", headers={"accept-language": "en"}).content.decode()
    assert "key smart-manufacturing projects" in page
    assert "no evidence" in page
