"""Addresses of the wall, an enterprise and a machine that make no sense: refused, and never taken for the present."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from test_online_pages import EN, LIVE, ZH

from shazhou.console.access.models import Happening
from shazhou.console.evidence import current
from shazhou.console.telemetry import known


def test_a_wrong_month_or_filter_of_the_wall_is_refused_and_not_replaced(
    machines: list[str], site: Client, signed_in: Callable[..., Client]
) -> None:
    browser = signed_in("analyst")
    for wrong, told in (
        ("month=2026-13", "2026-13 is no month. Write 2026-11"),
        ("level=9", "9 is no level. Write a number from 0 to 4."),
        ("place=nowhere", "The city has no place nowhere."),
        ("industry=magic", "The city has no industry magic."),
    ):
        answer = browser.get(f"/online/?{wrong}", headers=EN)
        assert answer.status_code == 400 and told in answer.content.decode()
    both = browser.get("/online/?level=9&month=never", headers=EN).content.decode()
    assert both.count('role="alert"') == 2 and '<a href="/online/">' in both
    chinese = browser.get("/online/?month=2026-13", headers=ZH)
    assert chinese.status_code == 400 and "2026-13 不是有效的月份。" in chinese.content.decode()
    assert browser.get("/online/?month=never", headers=LIVE).status_code == 400
    assert site.get("/online/?month=never").status_code == 400


def test_a_machine_that_never_was_is_not_found_and_not_merely_silent(
    machines: list[str], signed_in: Callable[..., Client]
) -> None:
    browser = signed_in("analyst")
    assert browser.get(f"/online/{machines[3]}/lathe/").status_code == 404
    assert browser.get(f"/online/{machines[3]}/lathe/?day=2026-11-01").status_code == 404
    assert browser.get(f"/online/{machines[0]}/press/").status_code == 404
    assert not Happening.objects.filter(what="microdata seen").exists()
    own = signed_in("reporter", enterprises=(known.register(current.head())[machines[4]].entity,))
    assert [own.get(f"/online/{machines[3]}/{each}/").status_code for each in ("press", "lathe")] == [403, 403]


def test_a_wrong_month_of_an_enterprise_or_day_of_a_machine_is_refused_and_not_replaced(
    machines: list[str], signed_in: Callable[..., Client]
) -> None:
    browser = signed_in("analyst")
    for address, told in (
        (f"/online/{machines[3]}/?month=2026-13", "2026-13 is no month. Write 2026-11"),
        (f"/online/{machines[3]}/press/?day=nonsense", "nonsense is no day. Write 2026-11-26"),
        (f"/online/{machines[3]}/press/?day=1999-12-31", "1999-12-31 is no day."),
        (
            f"/online/{machines[3]}/press/?day=2026-11-27",
            "The day 2026-11-27 has not begun. Choose a day up to 2026-11",
        ),
    ):
        answer = browser.get(address, headers=EN)
        assert answer.status_code == 400 and told in answer.content.decode()
        assert f'<a href="{address.partition("?")[0]}">' in answer.content.decode()
    town = signed_in("town", places=("320582100",))
    for address in (f"/online/{machines[3]}/?month=x", "/online/nobody/?month=x", "/online/nobody/press/?day=x"):
        assert town.get(address).status_code == 403, "who may not see it learns nothing"
