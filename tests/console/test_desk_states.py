"""What may be done in which state is declared; nothing else can be done, and of two people one wins."""

from __future__ import annotations

from typing import Any

import pytest
from desk_city import LATER
from desk_site import HERE, Desk, act, desk, desk_evidence, hidden, moment, page, said, typed

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.console.access.models import Happening, Person
from shazhou.console.desk import approval
from shazhou.console.desk.models import Cell, Return, Step
from shazhou.console.desk.states import BY_KEY, CLAIMED, Act, State
from shazhou.console.desk.transition import Impossible, Overtaken, ReasonMissing, move
from shazhou.console.evidence import current, reporting

__all__ = ["desk", "desk_evidence", "moment"]

RETURN = "form:yearly:enterprise:e1:2023:1"


def submissions() -> list[str]:
    return [each.id for each in current.ledger().submissions()]


def test_every_fact_leads_to_a_state_and_only_the_site_leads_out_of_claims() -> None:
    for state in State:
        for what, fact in state.acts.items():
            assert fact.follows in BY_KEY
            assert (fact.right is None) == (state in CLAIMED) == (what in (Act.FINISH, Act.RELEASE))
    assert State.WITHDRAWN.acts == {}
    assert {Act.SEND_BACK, Act.RELEASE} <= {what for s in State for what, f in s.acts.items() if f.reason}


def test_what_is_not_declared_cannot_be_done(desk: Desk) -> None:
    found = desk.submitted()
    person = Person.objects.all()[0]
    for what in Act:
        if what not in found.at.acts:
            with pytest.raises(Impossible):
                move(found, what, person, "because")
    with pytest.raises(ReasonMissing):
        move(found, Act.SEND_BACK, person, " ", reasons={"output": " "})
    assert Return.objects.get().version == found.version


def test_of_two_who_saw_the_same_version_one_wins(desk: Desk) -> None:
    found = desk.submitted()
    person = Person.objects.all()[0]
    move(found, Act.PASS, person)
    with pytest.raises(Overtaken) as told:
        move(found, Act.SEND_BACK, person, "too late")
    assert told.value.now.at is State.CHECKED and told.value.last is not None and told.value.last.act == "pass"
    assert Step.objects.filter(act="send back").count() == 0


def test_the_slower_reviewer_is_told_and_changes_nothing(desk: Desk) -> None:
    desk.checked()
    second = desk.person("reviewer")
    seen = page(second)
    act(desk.bureau, "approve")
    told = said(act(second, "send back", seen=seen, reason="no"))
    assert "was quicker" in told and "written into the ledger" in told
    assert Return.objects.get().state == "approved"


def test_the_slower_writer_keeps_what_was_typed(desk: Desk) -> None:
    act(desk.reporter, "save", output="1")
    seen = page(desk.town)
    act(desk.reporter, "save", output="2")
    answer = act(desk.town, "save", seen=seen, output="3")
    assert "was quicker" in said(answer) and typed(said(answer))["output"] == "3"
    assert Return.objects.get().cells.get(variable="output").text == "2"


def test_whoever_is_overtaken_by_their_own_other_window_is_told_so(desk: Desk) -> None:
    act(desk.reporter, "save", output="1")
    seen = page(desk.reporter)
    act(desk.reporter, "save", output="2")
    told = said(act(desk.reporter, "save", seen=seen, output="3"))
    assert "You have changed it elsewhere" in told and "was quicker" not in told
    assert typed(told)["output"] == "3"


def test_a_draft_that_two_begin_at_once_is_one(desk: Desk) -> None:
    seen = page(desk.town)
    act(desk.reporter, "save", output="1")
    assert "was quicker" in said(act(desk.town, "save", seen=seen, output="2"))
    assert Return.objects.count() == 1


class Killed(BaseException):
    """Stands for a process that dies."""


def kill(monkeypatch: pytest.MonkeyPatch, where: str, what: str) -> None:
    """Has the process die before or after something is done; ``where`` names it."""
    real = getattr(reporting, what)

    def dies(*arguments: Any) -> Any:
        if where == "after":
            real(*arguments)
        raise Killed

    monkeypatch.setattr(reporting, what, dies)


@pytest.mark.parametrize("where", ["before", "after"])
def test_an_approval_that_dies_is_completed_once(desk: Desk, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    found, person = desk.checked(), Person.objects.all()[0]
    with monkeypatch.context() as patched:
        kill(patched, where, "submit")
        with pytest.raises(Killed):
            approval.approve(found, person)
    assert Return.objects.get().at is State.APPROVING
    assert submissions().count(RETURN) == (where == "after")
    assert [each.at for each in approval.complete_all()] == [State.APPROVED]
    assert submissions().count(RETURN) == 1 and approval.complete_all() == []
    assert Happening.objects.filter(what="reviewed", person=None, details__state="approved").count() == 1


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_withdrawal_that_dies_is_completed_once(desk: Desk, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    found, person = desk.approved(), Person.objects.all()[0]
    with monkeypatch.context() as patched:
        kill(patched, where, "withdraw")
        with pytest.raises(Killed):
            approval.withdraw(found, person, "an error")
    assert Return.objects.get().at is State.WITHDRAWING
    assert [each.at for each in approval.complete_all()] == [State.WITHDRAWN]
    assert sum(name.startswith("withdraw:") for name in submissions()) == 1


def test_an_approval_that_dies_before_it_is_finished_is_completed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    found, person = desk.checked(), Person.objects.all()[0]

    def dies(now: Return, what: Act, *arguments: Any, **more: Any) -> Return:
        if what is Act.FINISH:
            raise Killed
        return move(now, what, *arguments, **more)

    with monkeypatch.context() as patched:
        patched.setattr(approval, "move", dies)
        with pytest.raises(Killed):
            approval.approve(found, person)
    assert RETURN in submissions()
    assert [each.at for each in approval.complete_all()] == [State.APPROVED]
    assert submissions().count(RETURN) == 1


def test_what_the_ledger_refuses_goes_back_to_the_bureau_with_the_reason(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.checked()
    rule = Rule("no", "The ledger says no.", "账本拒绝。", "", "")

    def refuses(*_: object) -> None:
        raise Refused([Problem(rule, Where())])

    monkeypatch.setattr(reporting, "submit", refuses)
    told = said(act(desk.bureau, "approve"))
    assert "The ledger says no." in told and Return.objects.get().state == "checked"


def test_a_full_disk_leaves_the_decision_standing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.checked()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(reporting, "submit", full)
        assert "The decision is kept" in said(act(desk.bureau, "approve"))
        assert approval.complete_all() == []
    assert Return.objects.get().state == "approving" and "being written" in page(desk.reporter)
    seen = hidden(page(desk.bureau))
    assert desk.town.post(f"{HERE}act/", {"act": "complete", **seen}).status_code == 403
    assert "Completed." in said(act(desk.bureau, "complete"))
    assert Return.objects.get().state == "approved"


def test_what_the_collection_no_longer_asks_for_is_left_out(desk: Desk) -> None:
    act(desk.reporter, "save", output="100")
    Cell.objects.create(within=Return.objects.get(), variable="margin", text="3")
    act(desk.reporter, "submit")
    assert Return.objects.get().state == "submitted"


def test_a_decision_about_a_collection_that_is_gone_is_given_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    found = move(desk.checked(), Act.APPROVE, None)
    monkeypatch.setattr(reporting, "collections", dict)
    assert approval.complete(found).at is State.CHECKED
    assert "There is no collection yearly" in Step.objects.filter(act="release")[0].reason


def test_after_the_lock_date_only_the_bureau_changes_something_and_says_why(desk: Desk, moment: Any) -> None:
    act(desk.reporter, "save", output="1")
    moment(LATER)
    assert "<input class" not in page(desk.reporter) and "only the bureau" in page(desk.reporter)
    form = {"act": "save", "reason": "please", "value-output": "2", "revision": "1", "version": "1"}
    for browser in (desk.reporter, desk.town):
        assert browser.post(f"{HERE}act/", form).status_code == 403
    assert "say why" in said(act(desk.bureau, "submit", output="90"))
    act(desk.bureau, "submit", output="90", reason="the server was down")
    found = Return.objects.get()
    assert (found.state, found.unlocked) == ("submitted", "the server was down")
    act(desk.bureau, "pass", reason="the server was down")
    act(desk.bureau, "approve", reason="the server was down")
    document = current.ledger().document(current.ledger().submissions()[-1].document).decode()
    assert Return.objects.get().state == "approved" and "after the lock date: the server was down" in document


def test_a_period_that_is_not_over_cannot_be_reported_on(desk: Desk) -> None:
    at = "/desk/yearly/enterprise:e1/2024/"
    assert "not over yet" in page(desk.reporter, at)
    assert "not over yet" in said(act(desk.reporter, "save", at, output="1"))
    assert not Return.objects.exists()


@pytest.mark.slow
def test_withdrawing_a_correction_withdraws_what_it_corrected(desk: Desk) -> None:
    desk.approved()
    act(desk.reporter, "correct")
    act(desk.reporter, "submit", output="101")
    act(desk.town, "pass")
    act(desk.bureau, "approve")
    act(desk.bureau, "withdraw", reason="both are wrong")
    assert [each.state for each in Return.objects.order_by("revision")] == ["withdrawn", "withdrawn"]


@pytest.mark.slow
def test_a_correction_that_is_given_up_leaves_the_approved_return(desk: Desk) -> None:
    desk.approved()
    act(desk.reporter, "correct")
    act(desk.reporter, "withdraw")
    text = page(desk.bureau)
    assert "The ledger holds it" in text and 'value="withdraw"' in text
    act(desk.reporter, "correct")
    assert Return.objects.order_by("-revision")[0].revision == 3


def test_texts_that_no_form_sends_are_refused_or_kept_without_what_cannot_be_kept(desk: Desk) -> None:
    answer = act(desk.reporter, "save", output="1" * 1001)
    assert "Output: at most 1000 characters" in said(answer) and not Return.objects.exists()
    act(desk.reporter, "save", output="1\x002")
    assert Return.objects.get().cells.get(variable="output").text == "1 2"
    desk.reporter.post(f"{HERE}act/", {"act": "withdraw", "reason": "a\x00b", "revision": "1", "version": "1"})
    assert Step.objects.last().reason == "ab"
