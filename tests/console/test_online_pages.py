"""The wall, an enterprise, a machine: what they show, to whom, and that an open page is refreshed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from console_texts import without_chinese
from django.test import Client
from online_city import HOUR, NOW
from test_api_calls import called, new_token

from shazhou.city.problem import Refused
from shazhou.console.access.middleware import SEEN
from shazhou.console.access.models import Happening
from shazhou.console.evidence import current, origins
from shazhou.console.telemetry import known
from shazhou.telemetry.certificate.signature import city_key, verified
from shazhou.telemetry.edge.keys import public_text
from shazhou.telemetry.store import derived
from shazhou.telemetry.store.store import Store, folder_of

EN = {"accept-language": "en"}
ZH = {"accept-language": "zh-hans"}
LIVE = {**EN, "hx-request": "true"}


def page(browser: Client, address: str, headers: dict[str, str] = EN) -> str:
    answer = browser.get(address, headers=headers)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def levels(text: str) -> list[str]:
    """The levels of the seats on a wall."""
    return re.findall(r'<a id="n-[^"]+" class="seat l(\d)"', text)


def seats(text: str) -> set[str]:
    """The nodes of the seats on a wall."""
    return set(re.findall(r'<a id="n-([^"]+)"', text))


def sort(machines: list[str], number: int) -> list[str]:
    """The enterprises that are like the one of this number; see `online_city.fill`."""
    return machines[number::5]


def test_the_wall_has_a_seat_for_every_enterprise_with_its_level(
    machines: list[str], signed_in: Callable[..., Client]
) -> None:
    text = page(signed_in("analyst"), "/online/")
    assert sorted(levels(text)) == sorted("01234" * 6)
    assert text.count('class="seat l2"') > text.count(">2!</a>") == 6


def test_the_wall_says_what_was_promised_who_is_online_and_why_not_the_rest(
    machines: list[str], signed_in: Callable[..., Client]
) -> None:
    text = page(signed_in("leadership"), "/online/")
    told = dict(re.findall(r'<tr><td class="number">(\d+)</td>.*?<th scope="row">([^<]+)</th></tr>', text))
    assert re.search(r">500</a></div>", text)
    assert "2026-11: 12 online by the rule" in text
    assert re.search(r'data-figure="[^"]+">12<.*title="provisional".*title="simulated"', text), (
        "the ledger says the same"
    )
    assert told["470"] == "Promised, but in no register of enterprises that connect."
    assert 470 + 12 + 6 * (text.count('<td class="number">6</td>')) == 500
    assert "Read as: machines connected" in text


def test_a_town_and_an_industry_are_counted_by_level(machines: list[str], signed_in: Callable[..., Client]) -> None:
    text = page(signed_in("analyst"), "/online/")
    by_town = text[text.index('id="by-town"') : text.index('id="by-industry"')]
    counted = re.findall(r'<td class="number">(?:<span class="none">)?(\d+)', by_town)
    per_line = [list(map(int, counted[start : start + 7])) for start in range(0, len(counted), 7)]
    assert all(sum(line[:5]) == line[5] for line in per_line)
    assert sum(line[5] for line in per_line) == 30 and sum(line[6] for line in per_line) == 12


def test_filters_leave_what_fits(machines: list[str], signed_in: Callable[..., Client]) -> None:
    browser = signed_in("analyst")
    register = known.register(current.head())
    town = register[machines[0]].town
    inside = {node for node, each in register.items() if each.town == town}
    assert seats(page(browser, f"/online/?place={town}")) == inside
    assert seats(page(browser, "/online/?level=4")) == set(sort(machines, 4))
    assert seats(page(browser, f"/online/?place={town}&level=4")) == inside & set(sort(machines, 4))
    assert len(seats(page(browser, "/online/?level=&place=&industry=&month="))) == 30


def test_the_table_behind_the_wall_says_the_same(machines: list[str], signed_in: Callable[..., Client]) -> None:
    text = page(signed_in("analyst"), "/online/?as=table")
    rows = re.findall(r'<th scope="row"><a href="/online/([^/]+)/">', text)
    assert set(rows) == set(machines) and len(rows) == 30
    assert text.count('</a> <abbr class="mark" title="simulated">S</abbr></th>') == 30


def test_an_open_page_is_told_only_what_changed(
    machines: list[str], connected: Path, signed_in: Callable[..., Client]
) -> None:
    browser = signed_in("analyst")
    asked = re.search(r'hx-get="([^"]+)"', page(browser, "/online/?level=3"))
    assert asked is not None
    address = "/online/" + asked[1].replace("&amp;", "&")
    assert browser.get(address, headers=LIVE).status_code == 204
    folder = folder_of(connected)
    before = derived.live(folder)
    gone = sort(machines, 3)[0]
    try:
        nodes = {**before["nodes"], gone: {**before["nodes"][gone], "online": False}}
        derived.put_live(folder, {**before, "nodes": nodes})
        answer = browser.get(address, headers=LIVE)
        assert answer.status_code == 200 and b"<html" not in answer.content
        assert seats(answer.content.decode()) == set(sort(machines, 3)) - {gone}
        assert "HX-Request" in answer["Vary"]
    finally:
        derived.put_live(folder, before)


def test_a_page_that_was_stopped_does_not_ask_again(machines: list[str], signed_in: Callable[..., Client]) -> None:
    browser = signed_in("analyst")
    assert "hx-trigger" in page(browser, "/online/")
    assert "hx-trigger" not in page(browser, "/online/?still=1")


def test_without_the_host_the_last_hours_are_shown_and_since_when(
    machines: list[str], monkeypatch: pytest.MonkeyPatch, signed_in: Callable[..., Client]
) -> None:
    monkeypatch.setattr(known, "now", lambda: NOW + 120_000)
    text = page(signed_in("analyst"), "/online/")
    assert "not running: nothing has been heard since 2026-11-26 10:30" in text
    assert sorted(levels(text)) == sorted("02234" * 6)
    monkeypatch.setattr(known, "now", lambda: NOW + 24 * HOUR)
    assert set(levels(page(signed_in("analyst"), "/online/"))) == {"0"}


def test_a_city_without_a_store_says_that_no_host_ever_ran(site: Client, signed_in: Callable[..., Client]) -> None:
    text = page(signed_in("analyst"), "/online/")
    assert "No host has ever run here" in text and "500" in text


@pytest.mark.parametrize("role", ["", "administrator"])
def test_the_public_sees_neither_seats_nor_live_counts(
    machines: list[str], site: Client, signed_in: Callable[..., Client], role: str
) -> None:
    browser = signed_in(role) if role else site
    for headers in (EN, LIVE):
        text = page(browser, "/online/", headers)
        assert not seats(text) and "Now, by level" not in text and "why not the rest" not in text
        assert "Simulated works" not in text
        assert "Held back until a state of the evidence is released" in text and ">12<" not in text
    for address in (f"/online/{machines[3]}/", f"/online/{machines[3]}/press/"):
        assert browser.get(address).status_code == (403 if role else 302)


def test_a_town_sees_its_own_enterprises_and_the_counts(machines: list[str], signed_in: Callable[..., Client]) -> None:
    register = known.register(current.head())
    town = register[machines[3]].town
    browser = signed_in("town", places=(town,))
    inside = {node for node, each in register.items() if each.town == town}
    text = page(browser, "/online/")
    assert seats(text) == inside and "why not the rest" in text
    other = next(node for node in machines if node not in inside)
    assert browser.get(f"/online/{machines[3]}/").status_code == 200
    assert browser.get(f"/online/{other}/").status_code == 403
    assert browser.get(f"/online/{other}/press/").status_code == 403


def test_an_enterprise_sees_itself_alone_and_no_counts(machines: list[str], signed_in: Callable[..., Client]) -> None:
    own = known.register(current.head())[machines[4]].entity
    browser = signed_in("reporter", enterprises=(own,))
    text = page(browser, "/online/")
    assert seats(text) == {machines[4]} and "why not the rest" not in text
    assert browser.get(f"/online/{machines[4]}/").status_code == 200
    assert browser.get(f"/online/{machines[3]}/").status_code == 403


def test_what_is_in_no_register_is_not_found(machines: list[str], signed_in: Callable[..., Client]) -> None:
    browser = signed_in("analyst")
    assert browser.get("/online/nobody/").status_code == 404
    assert browser.get("/online/nobody/press/").status_code == 404
    assert signed_in("town", places=("320582100",)).get("/online/nobody/").status_code == 403


def test_who_looks_is_logged_once_for_an_open_wall_and_each_time_for_an_enterprise(
    machines: list[str], signed_in: Callable[..., Client]
) -> None:
    browser = signed_in("analyst")
    for headers in (EN, LIVE, EN, LIVE):
        browser.get("/online/", headers=headers)
    assert Happening.objects.filter(what="microdata seen", subject="online").count() == 1
    entity = known.register(current.head())[machines[3]].entity
    page(browser, f"/online/{machines[3]}/")
    page(browser, f"/online/{machines[3]}/press/")
    assert [each.subject for each in Happening.objects.filter(what="microdata seen").order_by("id")][1:] == [
        entity,
        f"{entity} press",
    ]


def test_a_page_that_asks_again_by_itself_keeps_nobody_signed_in(
    machines: list[str], signed_in: Callable[..., Client]
) -> None:
    browser = signed_in("analyst")
    for headers, prolonged in ((LIVE, False), (EN, True)):
        browser.get("/online/", headers=headers)
        assert (SEEN in browser.session) == prolonged


def test_hours_that_are_computed_anew_are_seen_at_once(
    machines: list[str], connected: Path, signed_in: Callable[..., Client]
) -> None:
    def days() -> list[str]:
        text = page(browser, "/online/?as=table&level=4")
        return re.findall(r'<td class="number">(\d+)</td><td>online</td></tr>', text)

    browser, day = signed_in("analyst"), date(2026, 11, 2)
    start = NOW - NOW % (24 * HOUR) - 24 * 24 * HOUR
    store = Store.open(folder_of(connected))
    assert days() == ["19"] * 6
    hours, machine_hours = (read(start, start + 24 * HOUR) for read in (store.hours, store.machine_hours))
    rows = [{**row, "level": 0, "live": 0} for row in hours.to_pylist()]
    try:
        store.keep_hours(day, pa.Table.from_pylist(rows, hours.schema), machine_hours)
        assert days() == ["18"] * 6
    finally:
        store.keep_hours(day, hours, machine_hours)
    assert days() == ["19"] * 6


def test_an_enterprise_shows_its_month_by_day_and_hour(machines: list[str], signed_in: Callable[..., Client]) -> None:
    text = page(signed_in("analyst"), f"/online/{machines[4]}/")
    heat = text[text.index('class="heat"') :]
    cells = re.findall(r'<td class="l(\d)( w)?">(\d)</td>', heat)
    assert len(cells) == 25 * 24 + 10 and {each[0] for each in cells} == {"4"}
    assert sum(bool(each[1]) for each in cells) == 18 * 9 + 2
    assert "11-26" in heat and "11-27" not in heat
    assert "fresh birth after 0.9 s" in text and "3 messages lost" in text and "offline" in text


def test_doubts_stand_with_their_evidence_and_lower_the_hours(
    machines: list[str], signed_in: Callable[..., Client]
) -> None:
    text = page(signed_in("analyst"), f"/online/{machines[2]}/")
    assert "The same series came from elsewhere." in text
    assert "<code>twin</code> another-works" in text and "2026-11-26 08:00" in text
    assert re.search(r'<td class="l2[^"]*" title="[^"]+">2!</td>', text)


def test_what_an_enterprise_discloses_says_the_highest_level_that_it_can_prove(
    machines: list[str], signed_in: Callable[..., Client]
) -> None:
    browser = signed_in("analyst")
    told = re.sub(r"\s+", " ", page(browser, f"/online/{machines[1]}/"))
    assert "pulse: presence only" in told and "prove</dt><dd>L2</dd>" in told
    assert "prove</dt><dd>L4</dd>" in page(browser, f"/online/{machines[4]}/")


def test_another_month_is_chosen_and_a_future_one_is_not_offered(
    machines: list[str], signed_in: Callable[..., Client]
) -> None:
    browser = signed_in("analyst")
    assert "?month=2026-12" not in page(browser, f"/online/{machines[3]}/")
    text = page(browser, f"/online/{machines[3]}/?month=2026-10")
    assert "10-31" in text and "?month=2026-11" in text
    assert "No machine was heard this month." in text


def test_a_machine_shows_its_day(machines: list[str], signed_in: Callable[..., Client]) -> None:
    text = page(signed_in("analyst"), f"/online/{machines[3]}/press/")
    ribbon = text[text.index("day-drawing states") : text.index("The spans as a table")]
    drawn = re.findall(r'<rect class="s(\d)" x="([\d.]+)" y="(\d+)" width="([\d.]+)" height="(\d+)"', ribbon)
    assert {(state, height) for state, _x, _y, _width, height in drawn} == {("1", "16"), ("2", "26"), ("3", "40")}
    assert sum(float(width) for _state, _x, _y, width, _height in drawn) == pytest.approx(630 - 20, abs=0.5)
    assert text.count("<polyline") == 4, "power and pieces, each broken by the silence"
    assert "nothing heard" in text and "Highest: 30.0 kW" in text
    assert "Overall equipment effectiveness" in text


def test_a_machine_that_was_not_heard_says_so(machines: list[str], signed_in: Callable[..., Client]) -> None:
    browser = signed_in("analyst")
    assert "Nothing was heard of this machine" in page(browser, f"/online/{machines[3]}/press/?day=2026-11-01")
    assert "Nothing was heard of this machine" in page(browser, f"/online/{machines[1]}/press/"), "it is connected now"


def test_a_certificate_is_taken_away_and_verified(
    machines: list[str], connected: Path, signed_in: Callable[..., Client]
) -> None:
    own = known.register(current.head())[machines[4]].entity
    browser = signed_in("reporter", enterprises=(own,))
    assert f"/online/{machines[4]}/certificate/2026-11/pdf/" in page(browser, f"/online/{machines[4]}/")
    answer = browser.get(f"/online/{machines[4]}/certificate/2026-11/json/")
    assert answer.status_code == 200 and "attachment" in answer["Content-Disposition"]
    public = public_text(city_key(folder_of(connected)))
    told = verified(answer.content, public)
    assert told["enterprise"]["node"] == machines[4] and told["origin"] == "simulated"
    assert Happening.objects.filter(what="exported", subject=own).count() == 1
    assert browser.get(f"/online/{machines[3]}/certificate/2026-11/json/").status_code == 403
    assert browser.get(f"/online/{machines[4]}/certificate/2026-11/docx/").status_code == 404
    nothing = browser.get(f"/online/{machines[4]}/certificate/2026-10/json/", headers=EN)
    assert nothing.status_code == 404 and b'role="alert"' in nothing.content
    with pytest.raises(Refused):
        verified(answer.content.replace(b'"online": true', b'"online": false'), public)


@pytest.mark.slow
def test_a_certificate_is_printed(machines: list[str], signed_in: Callable[..., Client]) -> None:
    answer = signed_in("leadership").get(f"/online/{machines[4]}/certificate/2026-11/pdf/")
    assert answer.status_code == 200 and answer.content.startswith(b"%PDF")


def test_every_page_of_the_site_says_that_simulated_enterprises_are_shown(machines: list[str], site: Client) -> None:
    for address in ("/definitions/", "/online/", "/first-run/"):
        assert "simulated enterprises and machines" in page(site, address)
    assert "本站含模拟企业和设备的数据" in page(site, "/definitions/", ZH)


def test_a_city_without_any_says_nothing_of_the_kind(site: Client) -> None:
    assert "origin-banner" not in page(site, "/definitions/")


def test_the_present_alone_brings_the_mark(site: Client, settings: Any, tmp_path: Path, evidence: Path) -> None:
    folder = folder_of(tmp_path / "ledger")
    folder.mkdir()
    derived.put_live(folder, {"at": NOW, "nodes": {"n1": {"origin": "recorded"}, "n2": {"origin": ""}}})
    assert origins.heard(folder) == {"recorded"}
    derived.put_live(folder, {"at": NOW, "nodes": {"n2": {"origin": ""}}})
    assert origins.heard(folder) == frozenset()
    assert origins.heard(tmp_path / "none") == frozenset()


def test_every_text_of_the_machine_side_has_its_chinese() -> None:
    assert without_chinese("telemetry") == []
    assert without_chinese("look") == []


def test_the_api_counts_for_who_may_see_aggregates(machines: list[str], signed_in: Callable[..., Client]) -> None:
    secret = new_token(signed_in("analyst"), "aggregates")
    found = called("/online", secret).json()
    assert found["levels"] == [6, 6, 6, 6, 6] and found["registered"] == 30 and found["online"] == 12
    assert found["online"] + sum(each["enterprises"] for each in found["why_not"]) == found["promised"] == 500
    assert sum(each["registered"] for each in found["towns"]) == 30
    assert found["origins"] == ["simulated"] and found["running"]
    assert called("/online").status_code == 401
    reporter = signed_in("reporter", enterprises=(known.register(current.head())[machines[3]].entity,))
    assert called("/online", new_token(reporter, "microdata")).status_code == 403


def test_the_api_gives_the_hours_of_an_enterprise_that_one_may_see(
    machines: list[str], signed_in: Callable[..., Client]
) -> None:
    own = known.register(current.head())[machines[2]]
    secret = new_token(signed_in("reporter", enterprises=(own.entity,)), "microdata")
    found = called(f"/online/{machines[2]}/hours", secret).json()
    assert len(found["hours"]) == 25 * 24 + 10 and found["entity"] == own.entity
    assert {(each["level"], each["before"], *each["doubts"]) for each in found["hours"]} == {(2, 3, "clone")}
    assert Happening.objects.filter(what="microdata seen", subject=own.entity).count() == 1
    assert called(f"/online/{machines[3]}/hours", secret).status_code == 403
    assert called(f"/online/{machines[2]}/hours").status_code == 401
    everywhere = new_token(signed_in("analyst"), "microdata")
    assert called("/online/nobody/hours", everywhere).status_code == 404
    assert called(f"/online/{machines[2]}/hours?month=x", everywhere).status_code == 422
    assert called(f"/online/{machines[2]}/hours?month=2026-10", everywhere).json()["hours"] == []
