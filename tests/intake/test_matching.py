"""What looks alike is proposed with a reason in both languages; nothing follows from it until somebody says so."""

from __future__ import annotations

import time

import pytest
from intake_city import CITY, FIRMS, names_of

from shazhou.city.problem import Refused
from shazhou.intake.matching import Proposal, chinese_core, english_core, propose, refuse_unknown_kind


def english(*firms: tuple[str, str]) -> list[Proposal]:
    text = "zh,en\n" + "".join(f'{zh},"{en}"\n' for zh, en in firms)
    return list(propose(names_of(("english", text))))


def test_matches_are_proposed_with_a_reason_and_not_applied() -> None:
    names = names_of(("firms", FIRMS))
    (proposal,) = propose(names)
    assert {proposal.first_name, proposal.second_name} == {"江苏沙钢集团有限公司", "沙钢集团"}
    assert proposal.reason_en == "both reduce to 沙钢" and "沙钢" in proposal.reason_zh
    assert names.entities("enterprise", "沙钢集团") != names.entities("enterprise", "江苏沙钢集团有限公司")


def test_a_shared_code_is_a_reason() -> None:
    text = "name,code,town,staff\n甲公司,91350100M000100Y43,,\n乙公司,91350100M000100Y43,,\n"
    (proposal,) = propose(names_of(("firms", text)))
    assert "91350100M000100Y43" in proposal.reason_en


def test_what_was_confirmed_is_not_proposed_again() -> None:
    confirmed = ("matches", "alias,same_as\n沙钢集团,江苏沙钢集团有限公司\n")
    assert list(propose(names_of(("firms", FIRMS), confirmed))) == []


def test_what_was_rejected_is_not_proposed_again() -> None:
    rejected = ("rejected", "alias,other\n江苏沙钢集团有限公司,沙钢集团\n")
    names = names_of(("firms", FIRMS), rejected)
    assert list(propose(names)) == []
    assert names.entities("enterprise", "沙钢集团") != names.entities("enterprise", "江苏沙钢集团有限公司")


def test_a_name_within_another_is_a_reason() -> None:
    text = "name,code,town,staff\n国泰华荣,,,\n张家港市国泰华荣化工新材料有限公司,,,\n"
    (proposal,) = propose(names_of(("firms", text)))
    assert proposal.reason_en == "one contains the other: 国泰华荣 / 国泰华荣化工新材料"


def test_english_names_are_compared_where_the_chinese_ones_say_nothing() -> None:
    (proposal,) = english(("光束汽车", "Spotlight Automotive Ltd."), ("", "Spotlight Automotive Co., Ltd"))
    assert proposal.reason_en == "both reduce to spotlight automotive"
    assert "spotlight automotive" in proposal.reason_zh


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("甲", "Jiangsu Technology Co., Ltd."), ("乙", "Suzhou Technology Group")),
        (("甲钢", "Alpha Steel"), ("乙钢", "Alpine Steel")),
        (("甲", "ABC"), ("乙", "ABC Ltd")),
    ],
)
def test_common_words_and_short_names_are_no_reason(first: tuple[str, str], second: tuple[str, str]) -> None:
    assert english(first, second) == []


def test_cores_do_not_depend_on_the_width_of_brackets() -> None:
    assert chinese_core("中粮东海粮油工业（张家港）有限公司") == chinese_core("中粮东海粮油工业(张家港)有限公司")
    assert english_core("Han's Laser (Zhangjiagang) Co., Ltd.") == "hans laser"


def test_ten_thousand_firms_are_compared_in_seconds() -> None:
    syllables = "甲乙丙丁戊己庚辛壬癸"
    firms = ["".join(syllables[number // 10**place % 10] for place in range(4)) for number in range(10_000)]
    names = names_of()
    for number, firm in enumerate(firms):
        names.add("enterprise", f"{firm}精密机械有限公司", f"enterprise:e{number}")
    names.add("enterprise", "甲乙丙丁精密机械", "enterprise:short")
    started = time.process_time()
    assert len(list(propose(names))) == 1
    assert time.process_time() - started < 10


def test_a_kind_of_which_nothing_is_named_is_refused() -> None:
    refuse_unknown_kind(CITY, "enterprise")
    with pytest.raises(Refused) as refused:
        refuse_unknown_kind(CITY, "bogus")
    (problem,) = refused.value.problems
    assert problem.rule.id == "unknown-kind" and "enterprise, project" in problem.mend("en")
