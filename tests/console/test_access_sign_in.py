"""Signing in: in both languages, slowed down for who guesses, for a while and no longer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from shazhou.console import settings as deployed
from shazhou.console.access.middleware import SEEN
from shazhou.console.access.models import Happening, Person
from shazhou.console.access.people import deactivate, give, make_person

PASSWORD = "correct horse battery staple"
ENGLISH = {"headers": {"accept-language": "en"}}
CHINESE = {"headers": {"accept-language": "zh-CN"}}


@pytest.fixture
def hashed(settings: Any) -> None:
    """Passwords hashed as in a deployment, which takes its time."""
    settings.PASSWORD_HASHERS = deployed.PASSWORD_HASHERS


@pytest.fixture
def analyst(site: Client, settings: Any) -> Person:
    settings.AXES_ENABLED = True
    person = make_person("wang", PASSWORD, "王敏")
    give(person, "analyst")
    return person


def sign_in(browser: Client, password: str = PASSWORD, name: str = "wang", **extra: Any) -> Any:
    return browser.post("/sign-in/", {"username": name, "password": password}, **extra)


def test_who_has_the_password_is_in_and_it_is_logged(site: Client, hashed: None, analyst: Person) -> None:
    assert "登录名" in site.get("/sign-in/", **CHINESE).content.decode()
    assert "User name" in site.get("/sign-in/", **ENGLISH).content.decode()
    answer = sign_in(site)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert "王敏" in site.get("/account/").content.decode()
    line = Happening.objects.get(what="signed in")
    assert (line.person, line.address) == (analyst, "127.0.0.1")
    assert analyst.password.startswith("argon2")


@pytest.mark.parametrize(("extra", "said"), [(ENGLISH, "is not right"), (CHINESE, "登录名或密码有误")])
def test_a_wrong_password_and_a_wrong_name_are_told_alike(
    site: Client, analyst: Person, extra: dict[str, Any], said: str
) -> None:
    pages = [sign_in(site, "wrong", name, **extra).content.decode() for name in ("wang", "nobody")]
    assert all(said in page for page in pages)
    assert {line.name for line in Happening.objects.filter(what="sign-in failed")} == {"wang", "nobody"}


def test_after_six_wrong_passwords_the_name_is_closed_for_a_while_and_the_page_says_so(
    site: Client, analyst: Person
) -> None:
    give(make_person("li", PASSWORD), "analyst")
    answers = [sign_in(site, "wrong").status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]
    closed = sign_in(site, **ENGLISH)
    assert closed.status_code == 429 and closed.headers["Retry-After"] == "900"
    assert "closed for 15 minutes" in closed.content.decode()
    assert "已暂停 15 分钟" in sign_in(site, **CHINESE).content.decode()
    assert sign_in(Client(), name="li").status_code == 302
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert sign_in(site).status_code == 302


def test_a_session_ends_when_it_has_not_been_used_for_hours(site: Client, analyst: Person) -> None:
    sign_in(site)
    assert site.cookies["sessionid"]["max-age"] == "" and site.cookies["sessionid"]["httponly"]
    session = Session.objects.get()
    left = session.expire_date - timezone.now()
    assert timedelta(hours=7, minutes=59) < left <= timedelta(hours=8)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert site.get("/account/").headers["Location"] == "/sign-in/?next=/account/"


def test_a_session_that_is_used_goes_on(site: Client, analyst: Person) -> None:
    sign_in(site)
    session = site.session
    session[SEEN] = 0
    session.save()
    soon = timezone.now() + timedelta(minutes=1)
    Session.objects.update(expire_date=soon)
    site.get("/account/")
    assert Session.objects.get().expire_date > soon + timedelta(hours=7)


def test_who_signs_out_is_out_and_it_is_logged(site: Client, analyst: Person) -> None:
    sign_in(site)
    assert site.get("/sign-out/").status_code == 405
    assert site.post("/sign-out/").headers["Location"] == "/"
    assert site.get("/account/").status_code == 302
    assert Happening.objects.get(what="signed out").person == analyst


def test_who_is_deactivated_is_out_at_once(site: Client, analyst: Person) -> None:
    sign_in(site)
    assert site.get("/account/").status_code == 200
    deactivate(analyst)
    assert site.get("/account/").status_code == 302
    assert sign_in(site).status_code == 200


def test_after_signing_in_one_comes_to_where_one_wanted_but_never_to_another_site(
    site: Client, analyst: Person
) -> None:
    wanted = {"username": "wang", "password": PASSWORD, "next": "/account/"}
    assert site.post("/sign-in/", wanted).headers["Location"] == "/account/"
    elsewhere = {**wanted, "next": "https://elsewhere.example/"}
    assert Client().post("/sign-in/", elsewhere).headers["Location"] == "/"


def test_until_there_is_anybody_signing_in_leads_to_the_first_run(site: Client) -> None:
    assert site.get("/sign-in/").headers["Location"] == "/first-run/"


def test_the_address_is_taken_from_a_named_proxy_and_from_nobody_else(
    site: Client, analyst: Person, settings: Any
) -> None:
    from dataclasses import replace

    told = {"HTTP_X_FORWARDED_FOR": "203.0.113.9, 198.51.100.7"}
    site.post("/sign-in/", {"username": "a", "password": "x"}, **told)
    settings.DEPLOYMENT = replace(settings.DEPLOYMENT, proxies=("127.0.0.1",))
    site.post("/sign-in/", {"username": "b", "password": "x"}, **told)
    site.post("/sign-in/", {"username": "c", "password": "x"}, HTTP_X_FORWARDED_FOR="no address")
    seen = {line.name: line.address for line in Happening.objects.filter(what="sign-in failed")}
    assert seen == {"a": "127.0.0.1", "b": "198.51.100.7", "c": "127.0.0.1"}


def test_what_somebody_sees_stays_out_of_shared_caches(signed_in: Callable[..., Client]) -> None:
    assert signed_in("analyst").get("/account/").headers["Cache-Control"] == "private, no-cache"
