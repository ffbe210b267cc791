"""Names stand for entities exactly as written; what only looks alike is proposed, never merged."""

from __future__ import annotations

import pytest
from intake_city import CITY, prepared, problems, rows

from shazhou.intake.entity import Names, new_entity, propose


def names_of(*documents: tuple[str, str]) -> Names:
    names = Names(CITY)
    for mapping, text in documents:
        names.learn(prepared(text, mapping, names=names).stated)
    return names


FIRMS = "name,code,town,staff\n江苏沙钢集团有限公司,,,\n沙钢集团,,,\n永钢集团,,,\n"


@pytest.mark.parametrize("text", ["320582", "小城", "Tiny", "city", "place:320582"])
def test_a_place_is_known_by_key_code_names_and_aliases(text: str) -> None:
    assert Names(CITY).entities("place", text) == ["place:320582"]


@pytest.mark.parametrize("text", ["小", "TINY", "place:elsewhere", "enterprise:e", ""])
def test_nothing_is_guessed(text: str) -> None:
    assert Names(CITY).entities("place", text) == []


def test_an_ambiguous_name_gives_all_that_it_stands_for() -> None:
    assert Names(CITY).entities("place", "twin") == ["place:east", "place:west"]


def test_an_industry_is_known_by_its_names() -> None:
    assert Names(CITY).entities("industry", "钢铁") == ["industry:steel"]


def test_a_name_stands_for_entities_of_its_kind_only() -> None:
    names = names_of(("firms", FIRMS))
    assert names.entities("enterprise", "永钢集团") and not names.entities("project", "永钢集团")
    assert names.entities("", "永钢集团") == names.entities("enterprise", "永钢集团")


def test_ids_are_opaque_and_depend_on_kind_and_name() -> None:
    ids = {new_entity(kind, name) for kind in ("enterprise", "project") for name in ("甲", "乙")}
    assert len(ids) == 4
    assert all(len(each.partition(":")[2]) == 11 for each in ids)
    assert new_entity("project", "甲").startswith("project:p")


def test_matches_are_proposed_with_a_reason_and_not_applied() -> None:
    names = names_of(("firms", FIRMS))
    (proposal,) = propose(names)
    assert {proposal.first_name, proposal.second_name} == {"江苏沙钢集团有限公司", "沙钢集团"}
    assert proposal.reason_en and proposal.reason_zh
    assert names.entities("enterprise", "沙钢集团") != names.entities("enterprise", "江苏沙钢集团有限公司")


def test_a_shared_code_is_a_reason() -> None:
    text = "name,code,town,staff\n甲公司,91350100M000100Y43,,\n乙公司,91350100M000100Y43,,\n"
    (proposal,) = propose(names_of(("firms", text)))
    assert "91350100M000100Y43" in proposal.reason_en


def test_what_was_confirmed_is_not_proposed_again() -> None:
    confirmed = ("matches", "alias,same_as\n沙钢集团,江苏沙钢集团有限公司\n")
    assert list(propose(names_of(("firms", FIRMS), confirmed))) == []


def test_a_name_of_two_entities_that_were_confirmed_to_be_one_is_not_ambiguous() -> None:
    names = names_of(("firms", FIRMS), ("matches", "alias,same_as\n沙钢集团,江苏沙钢集团有限公司\n"))
    (whole,) = names.entities("enterprise", "江苏沙钢集团有限公司")
    (short,) = names.entities("enterprise", "沙钢集团")
    names.add("enterprise", "沙钢", whole)
    names.add("enterprise", "沙钢", short)
    assert names.entities("enterprise", "沙钢") == [whole]


def test_a_match_names_the_other_entity_by_id() -> None:
    names = names_of(("firms", FIRMS))
    (row,) = rows(prepared("alias,same_as\n沙钢集团,江苏沙钢集团有限公司\n", "matches", names=names))
    assert [row["entity"]] == names.entities("enterprise", "沙钢集团")
    assert [row["text"]] == names.entities("enterprise", "江苏沙钢集团有限公司")
    assert row["given"] == row["text"]


def test_a_match_with_somebody_unknown_is_refused() -> None:
    names = names_of(("firms", FIRMS))
    (found,) = problems("alias,same_as\n沙钢集团,沙钢\n", "matches", names=names)
    assert (found.rule.id, found.where.row, found.where.column, found.found) == ("entity-unknown", 2, "same_as", "沙钢")
