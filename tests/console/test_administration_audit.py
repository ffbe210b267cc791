"""The audit log: read by administrator and leadership, chosen from, and never changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError
from django.test import Client
from django.utils import timezone

from shazhou.console.access.audit import WHATS as KNOWN
from shazhou.console.access.audit import log, seal
from shazhou.console.access.models import Happening, Person
from shazhou.console.access.people import make_person
from shazhou.console.administration.words import WHATS

PASSWORD = "correct horse battery staple"
ENGLISH = {"headers": {"accept-language": "en"}}


def test_every_kind_of_line_has_its_words() -> None:
    assert set(WHATS) == set(KNOWN)


def test_the_log_is_read_by_leadership_and_administrator_and_chosen_from(signed_in: Callable[..., Client]) -> None:
    leader = signed_in("leadership")
    for what, subject in (("exported", "gdp.csv"), ("verified", "head 1"), ("exported", "rd.csv")):
        log(None, what, subject)
    page = leader.get("/administration/audit/", **ENGLISH).content.decode()
    assert page.index("rd.csv") < page.index("gdp.csv") and "ledger verified" in page and "command line" in page
    page = leader.get("/administration/audit/?what=exported&subject=RD", **ENGLISH).content.decode()
    assert "rd.csv" in page and "gdp.csv" not in page
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    today = timezone.localdate().isoformat()
    assert "Nothing in the log" in leader.get(f"/administration/audit/?since={tomorrow}", **ENGLISH).content.decode()
    assert "rd.csv" in leader.get(f"/administration/audit/?since={today}&until={today}").content.decode()
    assert "Nothing in the log" in leader.get("/administration/audit/?who=nobody", **ENGLISH).content.decode()
    assert leader.get("/administration/audit/?since=x&until=0001-01-01&before=99999999999999999999").status_code == 200
    assert leader.get("/administration/").headers["Location"] == "/administration/audit/"
    assert leader.get("/administration/people/").status_code == 403


def test_older_lines_are_on_further_pages(signed_in: Callable[..., Client]) -> None:
    administrator = signed_in("administrator")
    Happening.objects.bulk_create(Happening(what="exported", subject=f"file-{n:03d}") for n in range(250))
    address, seen = "/administration/audit/?what=exported", []
    while address:
        page = administrator.get(address).content.decode()
        seen += [n for n in range(250) if f"file-{n:03d}<" in page]
        older = page.partition('class="btn" href="?')[2].partition('"')[0].replace("&amp;", "&")
        address = f"/administration/audit/?{older}" if older else ""
    assert sorted(seen) == list(range(250)) and len(seen) == 250


@pytest.mark.django_db
def test_a_line_is_never_changed_or_deleted() -> None:
    person = make_person("wang", PASSWORD)
    Happening.objects.create(person=person, what="exported")
    line = Happening.objects.filter(what="exported").get()
    every = Happening.objects.all()
    for change in (
        line.delete,
        line.save,
        every.delete,
        every.filter(pk=line.pk).delete,
        lambda: every.update(what="released"),
        lambda: Happening._base_manager.update(what="released"),
        lambda: Happening._default_manager.filter(pk=line.pk).update(subject="x"),
        lambda: Happening.objects.bulk_update([line], ["what"]),
        lambda: Happening.objects.bulk_create([line]),
        lambda: Happening.objects.update_or_create(pk=line.pk, defaults={"what": "x"}),
        lambda: person.happening_set.all().delete(),
        lambda: person.happening_set.update(what="x"),
    ):
        with pytest.raises(TypeError, match="only added to"):
            change()
    with pytest.raises(ProtectedError):
        person.delete()
    assert Happening.objects.get(pk=line.pk).what == "exported"


@pytest.mark.django_db
def test_the_database_itself_refuses_changes_once_the_log_is_sealed() -> None:
    seal()
    seal()
    make_person("wang", PASSWORD)
    line = Happening.objects.get()
    for statement in (
        "UPDATE access_happening SET what = 'x'",
        "DELETE FROM access_happening",
        f"INSERT OR REPLACE INTO access_happening (id, at, name, what, subject, details) "
        f"VALUES ({line.pk}, '2020-01-01', '', 'x', '', '{{}}')",
    ):
        with pytest.raises(DatabaseError, match="only added to"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    log(None, "exported", "still added to")
    assert [each.what for each in Happening.objects.all()] == ["exported", "person added"]
    assert Person.objects.count() == 1
