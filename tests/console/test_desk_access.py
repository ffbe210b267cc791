"""Nobody sees or does at the desk what their role and its scope do not allow."""

from __future__ import annotations

import pytest
from desk_site import HERE, Desk, desk, desk_evidence, hidden, moment, page
from django.test import Client

from shazhou.console.desk.models import Return

__all__ = ["desk", "desk_evidence", "moment"]

OTHERS = {
    "reporter": ((), ("enterprise:e2",)),
    "town": (("south",), ()),
    "administrator": ((), ()),
}
PARTS = ("", "template/", "marked/")
POSTED = ("act/", "upload/", "cell/output/")


@pytest.mark.parametrize("role", OTHERS)
def test_who_has_no_part_in_an_enterprise_is_refused_everything_about_it(desk: Desk, role: str) -> None:
    desk.submitted()
    other = desk.person(role, *OTHERS[role])
    assert [other.get(f"{HERE}{part}").status_code for part in PARTS] == [403] * 3
    assert [other.post(f"{HERE}{part}", {"act": "recall"}).status_code for part in POSTED] == [403] * 3
    assert "Firm e1" not in page(other, "/desk/?show=handed-in") and "Firm e1" not in page(other, "/desk/?show=queue")
    assert Return.objects.get().state == "submitted"


def test_a_stranger_is_asked_to_sign_in(desk: Desk) -> None:
    for address in ("/desk/", "/desk/burden/", HERE, f"{HERE}template/"):
        assert Client().get(address).headers["Location"].startswith("/sign-in/")


REFUSED = [
    ("reporter", "pass"),
    ("reporter", "send back"),
    ("reporter", "approve"),
    ("bureau", "pass"),
    ("bureau", "recall"),
    ("analyst", "recall"),
    ("leadership", "send back"),
]


@pytest.mark.parametrize(("who", "what"), REFUSED)
def test_who_may_look_may_not_do_what_another_role_does(desk: Desk, who: str, what: str) -> None:
    found = desk.submitted()
    browser = getattr(desk, who) if hasattr(desk, who) else desk.person(who)
    form = {"act": what, "reason": "x", **hidden(page(browser))}
    form |= {"revision": str(found.revision), "version": str(found.version)}
    answer = browser.post(f"{HERE}act/", form)
    assert answer.status_code in (403, 409) and Return.objects.get().version == found.version


def test_the_town_does_not_approve_and_the_reporter_does_not_withdraw_what_is_approved(desk: Desk) -> None:
    checked = desk.checked()
    seen = {"revision": "1", "version": str(checked.version)}
    assert desk.town.post(f"{HERE}act/", {"act": "approve", **seen}).status_code == 403
    desk.bureau.post(f"{HERE}act/", {"act": "approve", **seen})
    seen = hidden(page(desk.reporter))
    assert desk.reporter.post(f"{HERE}act/", {"act": "withdraw", "reason": "x", **seen}).status_code == 403
    assert Return.objects.get().state == "approved"


@pytest.mark.parametrize(
    "address",
    [
        "/desk/none/enterprise:e1/2023/",
        "/desk/yearly/enterprise:none/2023/",
        "/desk/yearly/enterprise:e1/2023-01/",
        "/desk/yearly/enterprise:e1/yes/",
        "/desk/yearly/place:north/2023/",
        f"{HERE}?revision=7",
        f"{HERE}cell/none/",
    ],
)
def test_what_is_not_collected_is_not_found(desk: Desk, address: str) -> None:
    desk.submitted()
    answer = desk.bureau.post(address) if "cell" in address else desk.bureau.get(address)
    assert answer.status_code == 404


def test_a_button_that_does_not_exist_changes_nothing(desk: Desk) -> None:
    desk.submitted()
    for what in ("", "finish", "release", "drop"):
        seen = hidden(page(desk.bureau))
        assert desk.bureau.post(f"{HERE}act/", {"act": what, "reason": "x", **seen}).status_code == 409
    assert Return.objects.get().version == 2
