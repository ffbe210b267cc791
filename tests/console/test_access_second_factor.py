"""The second factor: set up with a code, asked for at sign-in, right once, taken off by oneself or an administrator."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django_otp.oath import TOTP

from shazhou.console.access.models import Happening, Person
from shazhou.console.access.people import give, make_person

PASSWORD = "correct horse battery staple"
WRONG = "not right"


@pytest.fixture
def analyst(site: Client, settings: Any) -> Person:
    settings.AXES_ENABLED = True
    settings.OTP_TOTP_THROTTLE_FACTOR = 0
    settings.LANGUAGE_CODE = "en"
    person = make_person("wang", PASSWORD)
    give(person, "analyst")
    return person


def password(browser: Client) -> Any:
    return browser.post("/sign-in/", {"username": "wang", "password": PASSWORD, "next": "/account/"})


def code(secret: str, steps: int) -> str:
    """The code that the phone shows so many half minutes from now."""
    made = TOTP(base64.b32decode(secret))
    made.time = time.time() + 30 * steps
    return f"{made.token():06d}"


@pytest.fixture
def secret(site: Client, analyst: Person) -> str:
    """Somebody signed in sets a second factor up, with the code before the present one."""
    password(site)
    page = site.get("/account/second-factor/", headers={"accept-language": "en"}).content.decode()
    shown = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert shown is not None
    found = shown[1].replace(" ", "")
    assert f"otpauth://totp/Shazhou%3Awang?secret={found}" in page
    wrong = f"{(int(code(found, -1)) + 1) % 1_000_000:06d}"
    site.post("/account/second-factor/", {"code": wrong})
    assert "/account/second-factor/remove/" not in site.get("/account/").content.decode()
    assert site.post("/account/second-factor/", {"code": code(found, -1)}).headers["Location"] == "/account/"
    return found


def test_who_has_set_one_up_is_asked_for_it_and_a_code_is_right_once(secret: str) -> None:
    browser = Client()
    assert password(browser).headers["Location"] == "/sign-in/code/"
    assert browser.get("/account/").status_code == 302, "the password alone signs nobody in"
    now = code(secret, 0)
    assert browser.post("/sign-in/code/", {"code": f"{now[:3]} {now[3:]}"}).headers["Location"] == "/account/"
    assert browser.get("/account/").status_code == 200
    again = Client()
    password(again)
    answer = again.post("/sign-in/code/", {"code": now}, headers={"accept-language": "en"})
    assert answer.status_code == 200 and WRONG in answer.content.decode()
    assert again.get("/account/").status_code == 302


def test_wrong_codes_close_the_name_like_wrong_passwords(secret: str) -> None:
    browser = Client()
    password(browser)
    wrong = f"{(int(code(secret, 0)) + 1) % 1_000_000:06d}"
    answers = [browser.post("/sign-in/code/", {"code": wrong}).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]
    assert browser.post("/sign-in/code/", {"code": code(secret, 0)}).status_code == 429
    assert password(Client()).status_code == 429


def test_the_code_is_asked_for_only_after_the_password_and_not_for_long(secret: str) -> None:
    browser = Client()
    assert browser.get("/sign-in/code/").headers["Location"] == "/sign-in/"
    password(browser)
    session = browser.session
    session["password given"] = {**session["password given"], "at": time.time() - 301}
    session.save()
    assert browser.post("/sign-in/code/", {"code": code(secret, 0)}).headers["Location"] == "/sign-in/"


def test_one_takes_it_off_with_a_code(site: Client, secret: str) -> None:
    site.post("/account/second-factor/remove/", {"code": "000000"})
    assert password(Client()).headers["Location"] == "/sign-in/code/"
    site.post("/account/second-factor/remove/", {"code": code(secret, 0)})
    assert password(Client()).headers["Location"] == "/account/"
    changes = [line.details["change"] for line in Happening.objects.filter(what="second factor changed")]
    assert changes == ["removed", "set up"]


def test_an_administrator_takes_it_off_for_who_has_lost_the_phone(
    secret: str, analyst: Person, signed_in: Callable[..., Client]
) -> None:
    signed_in("administrator").post(f"/administration/people/{analyst.pk}/second-factor/")
    assert password(Client()).headers["Location"] == "/account/"
    line = Happening.objects.filter(what="second factor changed").first()
    assert line is not None and line.person != analyst and line.subject == "wang"


def test_the_secret_is_drawn_as_a_picture_that_comes_from_nowhere_else(site: Client, analyst: Person) -> None:
    password(site)
    assert 'src="data:image/svg+xml;base64,' in site.get("/account/second-factor/").content.decode()
