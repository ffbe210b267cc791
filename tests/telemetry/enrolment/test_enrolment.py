"""Enrolment: who is in the register as joining, and the one key of each gateway."""

from __future__ import annotations

import re
import string
from datetime import date
from pathlib import Path

import pytest
from register_city import new_key, register, zhangjiagang

from shazhou.city.calendar import Calendar
from shazhou.city.problem import Refused
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.verification import verify
from shazhou.ledger.withdraw import withdraw
from shazhou.telemetry.enrolment import Enrolled, enrol, enrolled

STEEL = "沙洲钢厂,Shazhou Steelworks,锦丰镇,metallurgy,2026-09-01,2026-10,daily 00:00-24:00; closed 2026-10-01,,"
LOOM = "沙洲纺机厂,,塘桥镇,,2026-09-01,2026-12-31,,,"


def rule_of(refused: pytest.ExceptionInfo[Refused]) -> str:
    [problem] = refused.value.problems
    return problem.rule.id


def one(ledger: Ledger, name: str) -> Enrolled:
    [found] = [each for each in enrolled(ledger, zhangjiagang()).values() if each.name.get("zh") == name]
    return found


def other_spellings(key: str) -> list[str]:
    """Base64 that stands for the same bytes as a key's and is not what they are written as."""
    alphabet = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
    place = alphabet.index(key[-2])
    return [f"{key[:-2]}{alphabet[place + unused]}=" for unused in (1, 2, 3)]


def test_a_list_of_promised_enterprises_is_the_register(tmp_path: Path) -> None:
    steel = one(register(tmp_path, STEEL, LOOM), "沙洲钢厂")
    assert steel.entity == f"enterprise:{steel.node}"
    assert (steel.name["en"], steel.town, steel.industry) == ("Shazhou Steelworks", "320582103", "metallurgy")
    assert (steel.joined, steel.origin, steel.key) == (date(2026, 10, 31), "", "")
    assert steel.shifts == ("daily 00:00-24:00", "closed 2026-10-01")
    loom = one(Ledger.open(tmp_path / "ledger"), "沙洲纺机厂")
    assert (loom.town, loom.industry, loom.shifts) == ("320582101", "", ())
    city = zhangjiagang()
    assert loom.calendar(city) == Calendar.parse(city.presence.hours, "Asia/Shanghai")


def test_what_is_loaded_as_simulated_is_enrolled_as_simulated(tmp_path: Path) -> None:
    ledger = register(tmp_path, STEEL)
    register(tmp_path, LOOM, simulated=True)
    assert [one(ledger, name).origin for name in ("沙洲钢厂", "沙洲纺机厂")] == ["", "simulated"]
    node = one(ledger, "沙洲纺机厂").node
    made = enrol(ledger, zhangjiagang(), node, new_key(), "bureau")
    assert made is not None and made.title.endswith("沙洲纺机厂")


def test_an_enterprise_whose_promise_is_withdrawn_is_no_longer_joining(tmp_path: Path) -> None:
    ledger = register(tmp_path, STEEL)
    before = ledger.head()
    withdraw(ledger, str(len(ledger.submissions())), "the list was wrong", "bureau")
    assert enrolled(ledger, zhangjiagang()) == {}
    assert len(enrolled(ledger, zhangjiagang(), before)) == 1


def test_a_key_is_enrolled_once(tmp_path: Path) -> None:
    ledger, city = register(tmp_path, STEEL), zhangjiagang()
    node, first, second = one(ledger, "沙洲钢厂").node, new_key(), new_key()
    assert enrol(ledger, city, node, first, "bureau") is not None
    assert enrol(ledger, city, node, first, "bureau") is None
    with pytest.raises(Refused) as refused:
        enrol(ledger, city, node, second, "bureau")
    assert rule_of(refused) == "key-enrolled-once"
    with pytest.raises(Refused) as refused:
        enrol(ledger, city, node, second, "bureau", replace=True, reason=" ")
    assert rule_of(refused) == "reason-blank"
    assert one(ledger, "沙洲钢厂").key == first


def test_a_replaced_key_and_the_reason_stay_in_the_ledger(tmp_path: Path) -> None:
    ledger, city = register(tmp_path, STEEL), zhangjiagang()
    node, keys = one(ledger, "沙洲钢厂").node, [new_key(), new_key(), new_key()]
    enrol(ledger, city, node, keys[0], "bureau")
    early = ledger.head()
    for key in keys[1:]:
        enrol(ledger, city, node, key, "bureau", replace=True, reason="the gateway burnt")
    assert one(ledger, "沙洲钢厂").key == keys[2]
    assert enrolled(ledger, city, early)[node].key == keys[0]
    kept = [
        ledger.document(each.document).decode() for each in ledger.submissions() if each.id.startswith("enrolment:")
    ]
    assert [keys[number] in text for number, text in enumerate(kept)] == [True] * 3
    assert "the gateway burnt" in kept[1] and keys[0] in kept[1]
    assert verify(ledger).ok


def test_a_key_that_a_later_list_brings_does_not_replace_the_enrolled_one(tmp_path: Path) -> None:
    ledger, city = register(tmp_path, STEEL), zhangjiagang()
    node, key = one(ledger, "沙洲钢厂").node, new_key()
    enrol(ledger, city, node, key, "bureau")
    register(tmp_path, STEEL.replace(",,", f",{new_key()},"))
    assert one(ledger, "沙洲钢厂").key == key


def test_a_key_comes_with_the_list_too(tmp_path: Path) -> None:
    key = new_key()
    assert one(register(tmp_path, STEEL.replace(",,", f",{key},")), "沙洲钢厂").key == key


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (STEEL.replace("daily 00:00-24:00", "from nine to five"), "from nine to five is no line of working hours"),
        (STEEL.replace(",,", ",c2hvcnQ=,"), "it must have 32 bytes, not 5"),
        (STEEL.replace("2026-10,", "soon,"), "soon is no period"),
    ],
)
def test_a_list_with_wrong_hours_a_wrong_key_or_no_date_is_refused(tmp_path: Path, wrong: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        register(tmp_path, wrong)


@pytest.mark.parametrize("text", ["", "key", "AAAA", "A" * 44, "é" * 44])
def test_what_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    ledger = register(tmp_path, STEEL)
    with pytest.raises(Refused) as refused:
        enrol(ledger, zhangjiagang(), one(ledger, "沙洲钢厂").node, text, "bureau")
    assert rule_of(refused) == "not-a-key"


def test_one_key_is_not_that_of_two_enterprises(tmp_path: Path) -> None:
    ledger, key = register(tmp_path, STEEL, LOOM), new_key()
    enrol(ledger, zhangjiagang(), one(ledger, "沙洲钢厂").node, key, "bureau")
    with pytest.raises(Refused) as refused:
        enrol(ledger, zhangjiagang(), one(ledger, "沙洲纺机厂").node, key, "bureau")
    assert rule_of(refused) == "key-of-another"


def test_one_key_in_two_spellings_is_not_that_of_two_enterprises(tmp_path: Path) -> None:
    """The last character before the = has two bits that stand for nothing, so that a key had four spellings."""
    ledger, key = register(tmp_path, STEEL, LOOM), new_key()
    enrol(ledger, zhangjiagang(), one(ledger, "沙洲钢厂").node, key, "bureau")
    for spelling in other_spellings(key):
        with pytest.raises(Refused, match=re.escape(key)) as refused:
            enrol(ledger, zhangjiagang(), one(ledger, "沙洲纺机厂").node, spelling, "bureau")
        assert rule_of(refused) == "not-a-key"
    with pytest.raises(Refused, match=re.escape(f"write it as {key}")):
        register(tmp_path, LOOM.replace(",,,", f",,{other_spellings(key)[0]},"))


def test_who_is_not_in_the_register_gets_no_key(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        enrol(register(tmp_path, STEEL), zhangjiagang(), "nobody", new_key(), "bureau")
    assert rule_of(refused) == "not-joining"
