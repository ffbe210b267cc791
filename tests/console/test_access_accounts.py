"""The first administrator, one's own account, and what protects every page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from shazhou.city.problem import Refused
from shazhou.console.access.demo import demo_accounts, demo_scope
from shazhou.console.access.models import Assignment, Happening, Person
from shazhou.console.access.people import make_person

PASSWORD = "correct horse battery staple"
FIRST = {"username": "root", "password": PASSWORD}
ENGLISH = {"headers": {"accept-language": "en"}}
CHINESE = {"headers": {"accept-language": "zh-CN"}}


def test_the_first_run_makes_the_administrator_and_is_gone_then(site: Client) -> None:
    assert "首位管理员" in site.get("/first-run/", **CHINESE).content.decode()
    weak = site.post("/first-run/", {"username": "root", "password": "password"}, **ENGLISH).content.decode()
    assert "too common" in weak and not Person.objects.exists()
    assert site.post("/first-run/", FIRST).headers["Location"] == "/"
    assert site.get("/administration/people/").status_code == 200
    assert Client().get("/first-run/").status_code == Client().post("/first-run/", FIRST).status_code == 404


def test_of_two_first_runs_at_once_one_makes_an_administrator(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have looked and found nobody; the database lets one of them in."""
    from django.db.models import QuerySet

    monkeypatch.setattr(QuerySet, "exists", lambda _: False)
    assert Client().post("/first-run/", FIRST).status_code == 302
    assert Client().post("/first-run/", {**FIRST, "username": "other"}).status_code == 404
    assert [each.person.username for each in Assignment.objects.all()] == ["root"]
    assert Person.objects.count() == 1


def test_the_account_shows_roles_and_places_by_name(signed_in: Callable[..., Client]) -> None:
    town = signed_in("town", ("320582100",))
    assert "镇（区）经办人员" in (page := town.get("/account/", **CHINESE).content.decode()) and "杨舍镇" in page
    assert "Town or zone officer" in (page := town.get("/account/", **ENGLISH).content.decode()) and "Yangshe" in page


def test_a_new_password_needs_the_old_one_and_signs_other_browsers_out(
    signed_in: Callable[..., Client],
) -> None:
    browser, new = signed_in("analyst"), "three blind mice run"
    other, person = Client(), Person.objects.get()
    other.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    asked = {"old_password": "wrong", "new_password1": new, "new_password2": new}
    assert browser.post("/account/password/", asked).status_code == 200
    assert "旧密码不正确" in browser.post("/account/password/", asked, **CHINESE).content.decode()
    short = {"old_password": PASSWORD, "new_password1": "short", "new_password2": "short"}
    assert "10" in browser.post("/account/password/", short, **ENGLISH).content.decode()
    assert browser.post("/account/password/", {**asked, "old_password": PASSWORD}).status_code == 302
    assert browser.get("/account/").status_code == 200 and other.get("/account/").status_code == 302
    assert [line.subject for line in Happening.objects.filter(what="password changed")] == [person.username]


def test_a_user_name_that_is_taken_or_none_and_a_weak_password_are_refused_in_both_languages(db: None) -> None:
    make_person("wang", PASSWORD)
    for name, password, rules in (
        ("wang", PASSWORD, ["user-name-refused"]),
        ("", PASSWORD, ["user-name-refused"]),
        ("a b", "12345678", ["user-name-refused", "password-refused"]),
        ("wanghongmei", "wanghongmei", ["password-refused"]),
    ):
        with pytest.raises(Refused) as refused:
            make_person(name, password)
        assert [each.rule.id for each in refused.value.problems] == rules
        for each in refused.value.problems:
            assert re.search("[一-龥]", each.says("zh").partition("：")[2]) and "{" not in each.says("en")
    assert Person.objects.count() == 1


def test_the_demo_has_an_account_for_each_role_that_can_sign_in(site: Client) -> None:
    for _ in range(2):
        accounts = demo_accounts(*demo_scope())
        assert [each.role for each in accounts] == [
            "leadership",
            "analyst",
            "reviewer",
            "town",
            "reporter",
            "administrator",
        ]
        for each in accounts[3:4]:
            signed = Client().post("/sign-in/", {"username": each.username, "password": each.password})
            assert signed.status_code == 302
    assert Person.objects.count() == Assignment.objects.count() == 6
    Assignment.objects.all().delete()
    assert [each.role for each in demo_accounts([], [])] == ["leadership", "analyst", "reviewer", "administrator"]


PAGES = ("/", "/sign-in/", "/account/", "/account/password/", "/account/second-factor/", "/administration/people/")
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}


@pytest.mark.slow
@pytest.mark.parametrize("address", [*PAGES, "/nowhere/", "/administration/health/", "/administration/audit/"])
def test_every_page_allows_nothing_that_is_not_the_sites_own(address: str, signed_in: Callable[..., Client]) -> None:
    for browser in (Client(), signed_in("administrator")):
        answer = browser.get(address)
        assert {each.strip() for each in answer.headers["Content-Security-Policy"].split(";")} == POLICY
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        page = answer.content.decode()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)
        assert all("src=" in tag or "application/json" in tag for tag in re.findall(r"<script[^>]*>", page))
        assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", page)


def test_a_form_from_elsewhere_is_refused_with_a_sentence(site: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert (answer := strict.post("/sign-in/", FIRST, **CHINESE)).status_code == 403
    assert "表单已失效" in answer.content.decode()
    assert "expired" in strict.post("/sign-in/", FIRST, **ENGLISH).content.decode()


def test_over_tls_cookies_and_pages_stay_on_tls() -> None:
    import json
    import os
    import subprocess
    import sys

    code = (
        "import json; from shazhou.console import settings as s;"
        "print(json.dumps([s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0]))"
    )
    for https, expected in (("1", True), ("", False)):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "SHAZHOU_HTTPS": https},
            capture_output=True,
            text=True,
            check=True,
        )
        assert json.loads(done.stdout) == [expected] * 3


def test_every_text_of_these_rooms_has_its_chinese(settings: Any) -> None:
    import console_texts

    for room in ("access", "administration", "look"):
        assert console_texts.without_chinese(room) == []
