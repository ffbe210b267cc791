"""The API as programs use it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from shazhou.console.access.models import Happening
from shazhou.console.api.models import Token

V1 = "/api/v1"


def new_token(browser: Client, scope: str = "aggregates") -> str:
    page = browser.post("/account/tokens/", {"name": "script", "scope": scope, "days": "30"}).content.decode()
    found = re.search(r"shazhou_[\w-]{40,}", page)
    assert found is not None
    return found[0]


def called(address: str, secret: str = "", **more: Any) -> Any:
    headers = {"HTTP_AUTHORIZATION": f"Bearer {secret}"} if secret else {}
    return Client().get(V1 + address, **headers, **more)


def test_a_figure_is_a_decimal_string_with_its_source(site: Client) -> None:
    found = called("/figures?indicator=rd_share_of_gdp&period=2017").json()
    assert found["value"] == "2.80" and found["unit"] == "percent" and not found["withheld"]
    assert found["sources"][0]["address"].startswith("http") and found["trail"].startswith("/trail/?")


def test_figures_come_back_in_the_order_asked_for(site: Client) -> None:
    cells = [{"indicator": "gdp", "period": "2021"}, {"indicator": "rd_share_of_gdp", "period": "2017"}]
    answer = site.post(f"{V1}/figures", json.dumps({"cells": cells}), content_type="application/json")
    found = answer.json()["figures"]
    assert [each["indicator"] for each in found] == ["gdp", "rd_share_of_gdp"]
    assert Decimal(found[0]["value"]) > 0


def test_a_table_has_every_combination(site: Client) -> None:
    found = called("/tabulate?indicator=gdp&indicator=rd_share_of_gdp&period=2017&period=2018").json()
    assert len(found["rows"]) == 4 and found["columns"][0] == "indicator"


def test_a_trail_leads_to_the_row_of_the_document(site: Client) -> None:
    found = called("/trail?indicator=rd_share_of_gdp&period=2017").json()
    assert found["formula"] and not found["closed"]
    assert found["submissions"][0]["observations"][0]["row"] > 0


@pytest.mark.slow
def test_targets_definitions_city_and_indicators(site: Client) -> None:
    targets = called("/targets").json()
    assert {"headline", "course", "promised"} <= targets[0].keys()
    assert called("/city").json()["id"] == "zhangjiagang"
    assert called("/indicators/gdp").json()["formula"] == "value(gdp)"
    assert "online_days" in called("/definitions").json()["definitions"]["variables"]


@pytest.mark.slow
@pytest.mark.parametrize("address", ["/submissions?size=3", "/entities?kind=enterprise&size=150"])
def test_a_list_is_walked_to_its_end_by_cursor(site: Client, address: str) -> None:
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = called(f"{address}&cursor={cursor}").json()
        seen += [str(each.get("id") or each.get("head")) for each in page["items"]]
        cursor = page["next"]
    assert len(seen) == len(set(seen)) > 3


def test_an_entity_and_the_rows_of_a_submission(site: Client) -> None:
    first = called("/entities?kind=enterprise&size=1").json()["items"][0]
    detail = called(f"/entities/{first['id']}").json()
    assert detail["entity"]["name"] == first["name"] and detail["submissions"]
    rows = called(f"/submissions/{detail['submissions'][0]}/observations?size=2").json()
    assert len(rows["items"]) == 2 and rows["items"][0]["entity"]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/nothing", 404),
        ("/submissions/999999", 404),
        ("/indicators/nothing", 404),
        ("/entities/enterprise:nothing", 404),
        ("/figures?indicator=nothing&period=2017", 422),
        ("/tabulate?indicator=nothing&period=2017", 422),
        ("/figures?indicator=gdp", 422),
        ("/figures?indicator=gdp&period=soon", 422),
        ("/figures/f00000000000/trail", 422),
        ("/city?as_of=0000000000", 422),
        ("/submissions?cursor=nothing", 422),
        ("/submissions?cursor=WzFd%00", 422),
        ("/entities?kind=dragon", 422),
    ],
)
def test_every_error_is_a_problem_in_both_languages(site: Client, address: str, status: int) -> None:
    answer = called(address, HTTP_ACCEPT_LANGUAGE="en")
    assert answer.status_code == status and answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status and body["texts"]["en"] == body["title"] != body["texts"]["zh"]


def test_a_refusal_says_what_to_do_in_both_languages(site: Client) -> None:
    body = called("/figures?indicator=nothing&period=2017").json()
    assert body["type"] == "urn:shazhou:problem:unknown-indicator"
    assert {"en", "zh", "mend_en", "mend_zh"} <= body["problems"][0].keys()


def test_a_wrong_method_and_a_broken_body_are_problems(site: Client) -> None:
    wrong = site.delete(f"{V1}/city")
    assert wrong.status_code == 405 and "GET" in wrong["Allow"] and wrong.json()["status"] == 405
    for body in ("{", "[1]", '{"cells": []}'):
        broken = site.post(f"{V1}/figures", body, content_type="application/json")
        assert broken.status_code in (400, 422) and broken["Content-Type"] == "application/problem+json"


def test_a_token_is_shown_once_kept_as_a_hash_and_audited(signed_in: Callable[..., Client]) -> None:
    browser = signed_in("analyst")
    secret = new_token(browser)
    assert secret not in browser.get("/account/tokens/").content.decode()
    assert secret not in str(Token.objects.values().get())
    assert Happening.objects.filter(what="token made").count() == 1
    assert called("/city", secret).status_code == 200
    assert Token.objects.get().used_on == timezone.localdate()


def test_a_token_that_is_wrong_expired_or_revoked_opens_nothing(signed_in: Callable[..., Client]) -> None:
    browser = signed_in("analyst")
    secret = new_token(browser)
    assert called("/city", secret + "x").status_code == 401
    Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    refused = called("/city", secret)
    assert refused.status_code == 401 and refused["WWW-Authenticate"].startswith("Bearer")
    Token.objects.update(expires_at=timezone.now() + timedelta(days=1))
    assert called("/city", secret).status_code == 200
    browser.post(f"/account/tokens/{Token.objects.get().pk}/revoke/")
    assert called("/city", secret).status_code == 401
    assert Happening.objects.filter(what="token revoked").count() == 1


def test_a_token_of_somebody_whose_account_is_closed_opens_nothing(signed_in: Callable[..., Client]) -> None:
    secret = new_token(signed_in("analyst"))
    person = Token.objects.get().person
    person.is_active = False
    person.save()
    assert called("/city", secret).status_code == 401


def test_nobody_revokes_the_token_of_another(signed_in: Callable[..., Client]) -> None:
    secret = new_token(signed_in("analyst"))
    signed_in("leadership").post(f"/account/tokens/{Token.objects.get().pk}/revoke/")
    assert called("/city", secret).status_code == 200


def test_a_token_needs_a_name_and_what_is_offered(signed_in: Callable[..., Client]) -> None:
    browser = signed_in("analyst")
    for wrong in ({"name": " "}, {"scope": "everything"}, {"days": "9999"}, {"days": "٣"}):
        answer = browser.post("/account/tokens/", {"name": "script", "scope": "published", "days": "30"} | wrong)
        assert answer.status_code == 400
    assert not Token.objects.exists()


def test_a_session_alone_is_the_public_for_the_api(signed_in: Callable[..., Client]) -> None:
    from shazhou.console.api.guard import identify

    browser = signed_in("analyst")
    request = browser.get(f"{V1}/city").wsgi_request
    assert not identify(request).signed_in


def test_the_page_and_the_document_name_every_operation(site: Client) -> None:
    document = site.get(f"{V1}/openapi.json").json()
    assert document["openapi"].startswith("3.") and "/api/v1/figures" in document["paths"]
    page = site.get("/api/").content.decode()
    assert all(path in page for path in document["paths"])
    assert "//cdn" not in page
