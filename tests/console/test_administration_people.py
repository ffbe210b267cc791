"""An administrator adds people, gives and takes roles, and every change stands in the audit log."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from shazhou.console.access.models import Assignment, Happening, Person
from shazhou.console.access.people import give, make_person
from shazhou.console.evidence.entities import some_enterprise

PASSWORD = "correct horse battery staple"
ENGLISH = {"headers": {"accept-language": "en"}}
CHINESE = {"headers": {"accept-language": "zh-CN"}}


@pytest.fixture
def administrator(signed_in: Callable[..., Client]) -> Client:
    return signed_in("administrator")


@pytest.fixture
def clerk(administrator: Client) -> Person:
    return make_person("clerk", PASSWORD, "钱进", "杨舍镇经济发展局")


def shown_password(page: str) -> str:
    found = re.search(r'<code id="password">([^<]+)</code>', page)
    assert found is not None
    return found[1]


def test_somebody_is_added_and_signs_in_with_the_password_that_was_shown(administrator: Client) -> None:
    answer = administrator.post("/administration/people/new/", {"username": "zhao", "name": "赵云", "title": "科技局"})
    assert answer.headers["Cache-Control"] == "no-store"
    password = shown_password(answer.content.decode())
    person = Person.objects.get(username="zhao")
    assert password not in administrator.get(f"/administration/people/{person.pk}/").content.decode()
    assert Client().post("/sign-in/", {"username": "zhao", "password": password}).status_code == 302
    page = administrator.get("/administration/people/?q=赵", **CHINESE).content.decode()
    assert "赵云" in page and "科技局" in page
    assert "没有符合条件的用户" in administrator.get("/administration/people/?q=孙", **CHINESE).content.decode()


def test_a_name_that_is_taken_is_refused_in_the_readers_language(administrator: Client, clerk: Person) -> None:
    asked = {"username": "clerk"}
    assert "不能使用" in administrator.post("/administration/people/new/", asked, **CHINESE).content.decode()
    assert "cannot be used" in administrator.post("/administration/people/new/", asked, **ENGLISH).content.decode()
    assert Person.objects.filter(username="clerk").count() == 1


def test_a_role_is_given_within_places_and_taken_away_and_both_are_logged(administrator: Client, clerk: Person) -> None:
    page = f"/administration/people/{clerk.pk}/"
    asked = {"role": "town", "places": ["320582100", "jingang"], "enterprises": some_enterprise()}
    assert "杨舍镇" in administrator.post(f"{page}roles/", asked, follow=True, **CHINESE).content.decode()
    given = Assignment.objects.get(person=clerk)
    assert (given.role, given.places, given.enterprises) == ("town", ["320582100", "jingang"], [])
    administrator.post(f"{page}roles/{given.pk}/take/")
    assert not clerk.assignments.exists()
    taken, first = Happening.objects.filter(what="permissions changed", subject="clerk")
    assert first.details == {"change": "role given", "role": "town", "places": given.places, "enterprises": []}
    assert taken.details["change"] == "role taken" and taken.details["places"] == given.places
    assert {first.person.username, taken.person.username} == {"administrator0"}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"role": "town", "places": ["atlantis"]}, "The city has no place atlantis"),
        ({"role": "town"}, "is held for places"),
        ({"role": "reporter"}, "is held for enterprises"),
        ({"role": "reporter", "enterprises": "enterprise:none"}, "knows no enterprise enterprise:none"),
        ({"role": "reporter", "enterprises": "place:320582"}, "knows no enterprise place:320582"),
        ({"role": "king"}, "There is no role king"),
    ],
)
def test_a_role_that_would_reach_nothing_is_refused(
    administrator: Client, clerk: Person, asked: dict[str, Any], said: str
) -> None:
    page = administrator.post(f"/administration/people/{clerk.pk}/roles/", asked, follow=True, **ENGLISH)
    assert said in page.content.decode() and not clerk.assignments.exists()


def test_an_enterprise_that_the_ledger_knows_is_accepted(administrator: Client, clerk: Person) -> None:
    known = some_enterprise()
    asked = {"role": "reporter", "enterprises": f" {known}\n"}
    administrator.post(f"/administration/people/{clerk.pk}/roles/", asked)
    assert clerk.assignments.get().enterprises == [known]


def test_somebody_is_deactivated_and_activated(administrator: Client, clerk: Person) -> None:
    browser = Client()
    browser.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    page = f"/administration/people/{clerk.pk}/"
    assert "已停用" in administrator.post(f"{page}deactivate/", follow=True, **CHINESE).content.decode()
    assert browser.get("/account/").status_code == 302
    assert Client().post("/sign-in/", {"username": "clerk", "password": PASSWORD}).status_code == 200
    administrator.post(f"{page}activate/")
    assert Client().post("/sign-in/", {"username": "clerk", "password": PASSWORD}).status_code == 302
    changes = [line.details["change"] for line in Happening.objects.filter(what="permissions changed", subject="clerk")]
    assert changes == ["activated", "deactivated"]


def test_the_last_administrator_stays(administrator: Client) -> None:
    me = Person.objects.get(username="administrator0")
    page, role = f"/administration/people/{me.pk}/", me.assignments.get()
    for address in (f"{page}deactivate/", f"{page}roles/{role.pk}/take/"):
        assert "only administrator left" in administrator.post(address, follow=True, **ENGLISH).content.decode()
    me.refresh_from_db()
    assert me.is_active and me.assignments.exists()
    give(make_person("second", PASSWORD), "administrator")
    administrator.post(f"{page}roles/{role.pk}/take/")
    assert not me.assignments.exists()
    assert administrator.get("/administration/people/").status_code == 403


def test_a_new_password_is_shown_once_and_ends_what_was_signed_in(administrator: Client, clerk: Person) -> None:
    browser = Client()
    browser.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    page = administrator.post(f"/administration/people/{clerk.pk}/password/").content.decode()
    assert browser.get("/account/").status_code == 302
    assert Client().post("/sign-in/", {"username": "clerk", "password": shown_password(page)}).status_code == 302


def test_details_are_changed(administrator: Client, clerk: Person) -> None:
    administrator.post(f"/administration/people/{clerk.pk}/details/", {"name": "钱多", "title": "工信局"})
    clerk.refresh_from_db()
    assert (clerk.first_name, clerk.title) == ("钱多", "工信局")
    assert Happening.objects.filter(what="person changed", subject="clerk").exists()


def test_nothing_is_changed_by_opening_an_address(administrator: Client, clerk: Person) -> None:
    page = f"/administration/people/{clerk.pk}/"
    for act in ("details/", "roles/", "roles/1/take/", "deactivate/", "activate/", "password/", "second-factor/"):
        assert administrator.get(page + act).status_code == 405
