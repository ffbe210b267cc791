"""What a connection certificate says, and that it says what it does not prove."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from certified import NOW, certificate, city_with_november
from register_city import zhangjiagang

from shazhou.city.problem import Refused
from shazhou.ledger.ledger import Ledger
from shazhou.telemetry.certificate.certificate import certificate_of
from shazhou.telemetry.certificate.signature import KEY, city_key
from shazhou.telemetry.store.store import Store

City = tuple[Ledger, Store, str]


@pytest.fixture
def november() -> City:
    return city_with_november("")


def told_of(november: City, month: str = "2026-11", now: datetime = NOW, node: str = "") -> dict[str, Any]:
    ledger, store, known = november
    return certificate_of(store, ledger, zhangjiagang(), node or known, month, now)


def test_it_says_the_month_by_hour_with_doubts_gaps_and_challenges(november: City) -> None:
    told = told_of(november)
    assert told["verdict"] == {
        "online": True,
        "days": 20,
        "challenges": 2,
        "highest": 3,
        "reason": told["verdict"]["reason"],
    }
    assert told["rule"]["share"] == "0.6" and told["rule"]["working_hours"] == ["mon-fri 08:00-17:30"]
    thursday = told["days"][11]
    assert (thursday["day"], thursday["reached"], thursday["live_seconds"]) == ("2026-11-12", False, 0)
    assert (thursday["levels"], thursday["without_doubts"]) == ("2" * 24, "2" * 8 + "3" * 10 + "2" * 6)
    assert thursday["at_work"] == "0" * 8 + "1" * 10 + "0" * 6
    assert [each["at"] for each in told["challenges"]] == ["2026-11-12T10:17:00+08:00", "2026-11-19T22:03:00+08:00"]
    [gap] = told["gaps"]
    assert (gap["kind"], gap["from"], gap["to"]) == (
        "offline",
        "2026-11-17T20:00:00+08:00",
        "2026-11-17T21:30:00+08:00",
    )
    [doubt] = told["doubts"]
    assert (doubt["kind"], doubt["lowers_to"], doubt["evidence"]["minutes"]) == ("clone", 2, 570)
    [machine] = told["machines"]
    assert (machine["device"], machine["energy_kwh"], machine["pieces"]) == ("press", 3000.0, 9600)


def test_it_says_what_its_mode_can_prove_and_what_no_certificate_does(november: City) -> None:
    told = told_of(november)
    [proof] = told["proves"]
    assert (proof["mode"], proof["highest"]) == ("rollup", 4)
    assert any("imitate" in each["en"] for each in told["does_not_prove"])
    assert any("grid" in each["en"] for each in told["would_settle"])
    assert all(each["zh"] and each["en"] for each in (*told["does_not_prove"], *told["would_settle"]))


def test_it_leads_to_the_ledger(november: City) -> None:
    ledger, told = november[0], told_of(november)
    ids = {each.id for each in ledger.submissions()}
    assert told["ledger"]["head"] == ledger.head()
    assert {told["ledger"]["month_in"], told["days"][29]["hours_in"]} <= ids
    assert told["days"][0]["hours_in"] == ""


def test_a_running_month_is_certified_as_far_as_its_days_are_over(november: City) -> None:
    told = told_of(november, now=datetime(2026, 11, 9, 16, 0, tzinfo=UTC))
    assert (told["until"], told["complete"], len(told["days"])) == ("2026-11-09", False, 9)
    assert (told["verdict"]["online"], told["verdict"]["days"], told["challenges"]) == (False, 6, [])
    assert (told["gaps"], told["doubts"]) == ([], []), "they are of the 12th and the 17th"
    [early], [whole] = told["machines"], told_of(november)["machines"]
    assert 0 < early["live_seconds"] < whole["live_seconds"] / 2


@pytest.mark.slow
@pytest.mark.parametrize("origin", ["simulated", "recorded"])
def test_its_mark_is_that_of_the_hours(origin: str) -> None:
    assert certificate(origin)["origin"] == origin


@pytest.mark.parametrize(
    ("node", "month", "rule"),
    [
        ("nobody", "2026-11", "not-joining"),
        ("", "2026-13", "not-a-month"),
        ("", "2026", "not-a-month"),
        ("", "2027-01", "not-a-month"),
        ("", "1970-01", "not-a-month"),
        ("", "2026-10", "nothing-to-certify"),
    ],
)
def test_what_cannot_be_certified_is_refused(november: City, node: str, month: str, rule: str) -> None:
    with pytest.raises(Refused, match=rule):
        told_of(november, month, node=node)


def test_the_citys_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    first = city_key(tmp_path)
    assert city_key(tmp_path).private_bytes_raw() == first.private_bytes_raw()
    assert (tmp_path / KEY).stat().st_mode & 0o777 == 0o600
    (tmp_path / KEY).chmod(0o640)
    with pytest.raises(Refused):
        city_key(tmp_path)
