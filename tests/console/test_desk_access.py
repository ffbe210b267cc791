"""Nobody sees or does at the desk what their role and its scope do not allow."""

from __future__ import annotations

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


def test_who_has_no_part_in_an_enterprise_is_refused_everything_about_it(desk: Desk) -> None:
    desk.submitted()
    for role, scope in OTHERS.items():
        other = desk.person(role, *scope)
        assert [other.get(f"{HERE}{part}").status_code for part in PARTS] == [403] * 3
        assert [other.post(f"{HERE}{part}", {"act": "recall"}).status_code for part in POSTED] == [403] * 3
        assert all("Firm e1" not in page(other, f"/desk/?show={tab}") for tab in ("handed-in", "queue"))
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


def test_who_may_look_may_not_do_what_another_role_does(desk: Desk) -> None:
    found = desk.submitted()
    for who, what in REFUSED:
        browser = getattr(desk, who) if hasattr(desk, who) else desk.person(who)
        form = {"act": what, "reason": "x", **hidden(page(browser))}
        form |= {"revision": str(found.revision), "version": str(found.version)}
        assert browser.post(f"{HERE}act/", form).status_code == (409 if what == "approve" else 403), (who, what)
    assert Return.objects.get().version == found.version


def test_the_town_does_not_approve_and_the_reporter_does_not_withdraw_what_is_approved(desk: Desk) -> None:
    checked = desk.checked()
    seen = {"revision": "1", "version": str(checked.version)}
    assert desk.town.post(f"{HERE}act/", {"act": "approve", **seen}).status_code == 403
    desk.bureau.post(f"{HERE}act/", {"act": "approve", **seen})
    seen = hidden(page(desk.reporter))
    assert desk.reporter.post(f"{HERE}act/", {"act": "withdraw", "reason": "x", **seen}).status_code == 403
    assert Return.objects.get().state == "approved"


NOWHERE = (
    "/desk/none/enterprise:e1/2023/",
    "/desk/yearly/enterprise:none/2023/",
    "/desk/yearly/enterprise:e1/2023-01/",
    "/desk/yearly/enterprise:e1/yes/",
    "/desk/yearly/enterprise:e1/2021/",
    "/desk/yearly/place:north/2023/",
    f"{HERE}?revision=7",
)


def test_what_is_not_collected_is_not_found(desk: Desk) -> None:
    desk.submitted()
    assert [desk.bureau.get(address).status_code for address in NOWHERE] == [404] * len(NOWHERE)
    assert desk.bureau.post(f"{HERE}cell/none/").status_code == 404


def test_a_button_that_does_not_exist_changes_nothing(desk: Desk) -> None:
    desk.submitted()
    for what in ("", "finish", "release", "drop"):
        seen = hidden(page(desk.bureau))
        assert desk.bureau.post(f"{HERE}act/", {"act": what, "reason": "x", **seen}).status_code == 409
    assert Return.objects.get().version == 2


def test_who_may_only_look_takes_no_sheet_away(desk: Desk) -> None:
    desk.submitted()
    for role, allowed in (("leadership", 403), ("analyst", 200), ("reviewer", 200)):
        assert desk.person(role).get(f"{HERE}template/").status_code == allowed
    assert desk.reporter.get(f"{HERE}template/").status_code == 200


def test_who_reports_for_an_enterprise_that_is_part_of_another_reports_for_that(desk: Desk) -> None:
    reporter = desk.person("reporter", (), ("enterprise:old",))
    assert "Firm e1" in page(reporter, "/desk/?show=due")
    assert reporter.post(f"{HERE}act/", {"act": "save", "value-output": "1"}).status_code == 302
