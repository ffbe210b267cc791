"""Names stand for entities exactly as written; what only looks alike is proposed, never merged."""

from __future__ import annotations

import pytest
from intake_city import CITY, FIRMS, names_of, prepared, problems, rows

from shazhou.intake.entity import Names, new_entity


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


def test_a_firm_that_is_one_with_a_second_that_is_one_with_a_third_is_the_third() -> None:
    names = names_of(("firms", FIRMS), ("matches", "alias,same_as\n永钢集团,沙钢集团\n沙钢集团,江苏沙钢集团有限公司\n"))
    ids = [names.entities("enterprise", text)[0] for text in ("永钢集团", "沙钢集团", "江苏沙钢集团有限公司")]
    assert names.same(ids[0], ids[2]) and names.same(ids[1], ids[2])


def test_statements_that_make_two_entities_each_other_do_not_go_on_for_ever() -> None:
    names = names_of(("firms", FIRMS), ("matches", "alias,same_as\n永钢集团,沙钢集团\n沙钢集团,永钢集团\n"))
    first, second = (names.entities("enterprise", text)[0] for text in ("永钢集团", "沙钢集团"))
    assert not names.same(first, names.entities("enterprise", "江苏沙钢集团有限公司")[0])
    assert first != second
