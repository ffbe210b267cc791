"""An approved return enters the ledger once, as a document whose rows trails end at; rounds say who owes one."""

from __future__ import annotations

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ibis import _
from return_city import IN_TIME, RETURN_CITY, ZONE, annual, entity, return_ledger

from shazhou.city.problem import Refused
from shazhou.intake.held import held
from shazhou.intake.return_document import document_of
from shazhou.intake.return_submission import open_round, submit_return, withdraw_return
from shazhou.intake.returned import Cell, Return
from shazhou.ledger.engine import connect
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.submission import Submission
from shazhou.ledger.verification import verify
from shazhou.measure.figure import Cell as Asked
from shazhou.measure.measure import Measure
from shazhou.measure.trail import trail

ANNUAL = RETURN_CITY.collections["annual"]
LATE = datetime(2026, 4, 1, 0, 1, tzinfo=ZONE)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return return_ledger(tmp_path)


def everybody(ledger: Ledger) -> list[str]:
    return [entity(ledger, name) for name in ("甲", "乙", "丙")]


def opened(ledger: Ledger) -> Ledger:
    open_round(ledger, RETURN_CITY, ANNUAL, "2025", everybody(ledger), "desk")
    return ledger


def approve(ledger: Ledger, returned: Return, deliverer: str = "reviewer") -> Submission:
    known = held(ledger, RETURN_CITY, RETURN_CITY.collections[returned.collection].variables, [returned.entity])
    return submit_return(ledger, RETURN_CITY, returned, known, deliverer)


def rows(ledger: Ledger, submission: Submission) -> list[dict[str, Any]]:
    connection = connect()
    stated = ledger.observations(connection).filter(_.sequence == submission.sequence).order_by("position")
    found: list[dict[str, Any]] = connection.to_pyarrow(stated).to_pylist()
    connection.disconnect()
    return found


def figure(ledger: Ledger, indicator: str, place: str = "320582") -> Decimal | None:
    return measured(ledger.folder, ledger.head()).figure(indicator, place, "2025").value


@lru_cache(maxsize=1)
def measured(folder: Path, head: str) -> Measure:
    return Measure(Ledger.open(folder), head)


def test_a_return_becomes_a_submission_of_the_door_form(ledger: Ledger) -> None:
    first = entity(ledger, "甲")
    submission = approve(opened(ledger), annual(first, IN_TIME, revenue="12亿元", staff="10", rd="约300"))
    assert (submission.door, submission.source, submission.mapping) == ("form", "returns", "template")
    assert (submission.id, submission.deliverer) == (f"form:annual:{first}:2025:1", "reviewer")
    stated = {row["variable"]: row for row in rows(ledger, submission)}
    assert stated["revenue"]["value"] == Decimal(1_200_000_000)
    assert (stated["rd"]["qualifier"], stated["rd"]["given"], stated["rd"]["unit"]) == ("≈", "约300", "10k_cny")
    assert {stated[name]["source"] for name in ("revenue", "staff", "rd")} == {"Annual return"}
    assert stated["rd"]["source_date"] == "2026-03-20"


def test_each_observation_names_its_row_of_the_document(ledger: Ledger) -> None:
    cells = {"revenue": "12", "rd": Cell(given="", note="none yet"), "staff": Cell(given="10", note='a, "b"')}
    submission = approve(opened(ledger), annual(entity(ledger, "甲"), IN_TIME, **cells))
    document = list(csv.DictReader(io.StringIO(ledger.document(submission.document).decode())))
    for row in rows(ledger, submission):
        line = document[row["row"] - 2]
        assert (line["variable"], line["value"], line["note"]) == (row["variable"], row["given"], row["note"])
    assert document[1]["note"] == "none yet", "what states nothing stays in the document"


def test_the_trail_of_a_figure_ends_at_the_cell(ledger: Ledger) -> None:
    submission = approve(opened(ledger), annual(entity(ledger, "甲"), IN_TIME, revenue="12", staff="10", rd="300"))
    found = trail(Measure(ledger), Asked("rd_total", "320582", "2025"))
    assert submission.id in str(found) and "300" in str(found)
    assert found.figure.value == 300


def test_the_same_approval_twice_is_one_submission(ledger: Ledger) -> None:
    returned = annual(entity(ledger, "甲"), IN_TIME, revenue="12", staff="10")
    first = approve(opened(ledger), returned)
    assert approve(ledger, Return.model_validate_json(returned.model_dump_json()), "somebody else") == first
    assert [each.id for each in ledger.submissions()].count(first.id) == 1


def test_two_reviewers_at_once_make_one_submission(ledger: Ledger) -> None:
    returned = annual(entity(opened(ledger), "甲"), IN_TIME, revenue="12", staff="10")
    with ThreadPoolExecutor(4) as pool:
        both = list(
            pool.map(lambda name: submit_return(Ledger.open(ledger.folder), RETURN_CITY, returned, (), name), "abcd")
        )
    assert len(set(both)) == 1
    assert verify(ledger).ok


def test_another_content_under_the_same_id_is_refused(ledger: Ledger) -> None:
    first = entity(ledger, "甲")
    approve(opened(ledger), annual(first, IN_TIME, revenue="12", staff="10"))
    with pytest.raises(Refused) as refused:
        approve(ledger, annual(first, IN_TIME, revenue="13", staff="10"))
    assert [problem.rule.id for problem in refused.value.problems] == ["submission-conflict"]


def test_a_revision_corrects_what_it_changes_and_leaves_the_rest(ledger: Ledger) -> None:
    first = entity(ledger, "甲")
    approve(opened(ledger), annual(first, IN_TIME, revenue="12", staff="10", rd="300"))
    kept = {"revenue": Cell(given="12", prefilled=True), "staff": Cell(given="10", prefilled=True)}
    again = approve(ledger, annual(first, IN_TIME + timedelta(days=1), 2, rd="350", **kept))
    assert [row["variable"] for row in rows(ledger, again)] == ["rd", "due", "came", "soon"]
    assert figure(ledger, "rd_total") == 350


@pytest.mark.parametrize(
    ("cells", "submitted", "rule"),
    [
        ({"revenue": "12", "staff": "10"}, None, "return-not-handed-in"),
        ({"revenue": "a lot", "staff": "10"}, IN_TIME, "not-a-number"),
        ({"staff": "10"}, IN_TIME, "return-required"),
    ],
)
def test_what_is_not_right_changes_nothing(
    ledger: Ledger, cells: dict[str, str], submitted: datetime | None, rule: str
) -> None:
    head = opened(ledger).head()
    with pytest.raises(Refused) as refused:
        approve(ledger, annual(entity(ledger, "甲"), submitted, **cells))
    assert [problem.rule.id for problem in refused.value.problems] == [rule]
    assert ledger.head() == head


def test_a_return_needs_its_round(ledger: Ledger) -> None:
    with pytest.raises(Refused) as refused:
        approve(ledger, annual(entity(ledger, "甲"), IN_TIME, revenue="12", staff="10"))
    assert [problem.rule.id for problem in refused.value.problems] == ["round-not-open"]


def test_a_collection_without_accounts_needs_no_round(ledger: Ledger) -> None:
    project = entity(ledger, "新厂", "project")
    moment = datetime(2025, 2, 5, tzinfo=ZONE)
    returned = Return(
        collection="monthly", entity=project, period="2025-01", cells={"spent": Cell(given="80")}, submitted=moment
    )
    assert [row["variable"] for row in rows(ledger, approve(ledger, returned))] == ["spent"]
    assert open_round(ledger, RETURN_CITY, RETURN_CITY.collections["monthly"], "2025-01", [project], "desk") is None


def test_a_round_says_who_owes_a_return_once(ledger: Ledger) -> None:
    first = open_round(ledger, RETURN_CITY, ANNUAL, "2025", everybody(ledger), "desk")
    assert first is not None and first.count == 9
    assert {row["source"] for row in rows(ledger, first)} == {"Desk register"}
    assert open_round(ledger, RETURN_CITY, ANNUAL, "2025", everybody(ledger)[:1], "somebody") == first


@pytest.mark.slow
def test_completeness_and_timeliness_follow_from_what_the_returns_say(ledger: Ledger) -> None:
    assert figure(ledger, "complete") is None, "no round, no completeness"
    first, second, third = everybody(opened(ledger))
    assert figure(ledger, "complete") == figure(ledger, "timely") == 0
    approve(ledger, annual(first, IN_TIME, revenue="12", staff="10"))
    approve(ledger, annual(second, LATE, revenue="1", staff="1"))
    assert (figure(ledger, "complete"), figure(ledger, "timely")) == (Decimal("66.7"), Decimal("33.3"))
    assert (figure(ledger, "complete", "east"), figure(ledger, "timely", "west")) == (100, 0)
    approve(ledger, annual(third, IN_TIME, revenue="12", staff="10"))
    assert (figure(ledger, "complete"), figure(ledger, "timely")) == (100, Decimal("66.7"))


def test_the_account_of_a_return_says_when_it_came_and_when_it_was_due(ledger: Ledger) -> None:
    submission = approve(opened(ledger), annual(entity(ledger, "甲"), LATE, revenue="12", staff="10"))
    account = {row["variable"]: row for row in rows(ledger, submission) if row["source"] == "Desk register"}
    assert {name: int(row["value"]) for name, row in account.items()} == {"due": 1, "came": 1, "soon": 0}
    assert account["soon"]["note"] == "submitted 2026-04-01T00:01:00+08:00, due 2026-03-31"


def test_a_return_of_somebody_who_was_not_on_the_list_counts_on_both_sides(ledger: Ledger) -> None:
    first, second, _third = everybody(ledger)
    open_round(ledger, RETURN_CITY, ANNUAL, "2025", [second], "desk")
    approve(ledger, annual(first, IN_TIME, revenue="12", staff="10"))
    assert figure(ledger, "complete") == 50


@pytest.mark.slow
def test_a_return_that_is_taken_back_is_due_again(ledger: Ledger) -> None:
    first = entity(opened(ledger), "甲")
    approve(ledger, annual(first, IN_TIME, revenue="12", staff="10", rd="300"))
    second = approve(ledger, annual(first, IN_TIME, 2, revenue="12", staff="10", rd="350"))
    taken = withdraw_return(ledger, RETURN_CITY, second.id, "of another enterprise", "reviewer")
    assert withdraw_return(ledger, RETURN_CITY, second.id, "again", "reviewer") == taken
    assert figure(ledger, "complete") == 0
    assert figure(ledger, "rd_total") is None
    approve(ledger, annual(first, IN_TIME, 3, revenue="12", staff="10", rd="400"))
    assert (figure(ledger, "complete"), figure(ledger, "rd_total")) == (Decimal("33.3"), 400)
    assert verify(ledger).ok


def test_what_is_not_in_the_ledger_cannot_be_taken_back(ledger: Ledger) -> None:
    with pytest.raises(Refused) as refused:
        withdraw_return(ledger, RETURN_CITY, "form:annual:enterprise:e1:2025:1", "wrong", "reviewer")
    assert [problem.rule.id for problem in refused.value.problems] == ["nothing-to-withdraw"]


def test_the_document_follows_from_the_return_alone() -> None:
    returned = annual("enterprise:e1", IN_TIME, revenue="12", staff="10")
    same_moment = returned.model_copy(update={"submitted": IN_TIME.astimezone(ZoneInfo("UTC"))})
    assert document_of(RETURN_CITY, returned) == document_of(RETURN_CITY, same_moment)
    assert Return.of_id(returned.id).id == returned.id
