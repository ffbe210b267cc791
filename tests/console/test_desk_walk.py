"""A return from the first cell to the figure, as people walk it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from console_texts import without_chinese
from desk_city import LATER
from desk_site import HERE, Desk, act, desk, desk_evidence, moment, page, said, typed
from django.core.management import call_command

from shazhou.console.access.models import Happening
from shazhou.console.desk.models import Return, Step
from shazhou.console.evidence import current, reporting
from shazhou.measure.figure import Cell
from shazhou.measure.trail import trail

__all__ = ["desk", "desk_evidence", "moment"]

FIGURE = Cell("output_of_all", "city", "2023")


def figure() -> Decimal | None:
    return current.figures(None, [FIGURE])[FIGURE].value


def test_a_return_is_filled_in_sent_back_mended_approved_and_its_figure_ends_at_its_row(desk: Desk) -> None:
    before = figure()
    assert "Firm e1" in page(desk.reporter, "/desk/") and "Firm e2" not in page(desk.reporter, "/desk/")
    assert typed(page(desk.reporter)) == {"output": "", "rd": "", "staff": "42", "size": ""}

    wrong = said(act(desk.reporter, "submit", output="1,00", rd="7"))
    assert "do not group by thousands" in wrong and "Not handed in yet" in wrong
    assert typed(wrong)["output"] == "1,00"
    assert "Handed in." in said(act(desk.reporter, "submit", output="900", rd="7"))

    judged = page(desk.town)
    assert "105" in judged and "stands out" in judged
    assert "Say why" in said(act(desk.town, "send back"))
    act(desk.town, "send back", why_output="ten times last year?")
    assert "ten times last year?" in page(desk.reporter)

    act(desk.reporter, "submit", output="90")
    act(desk.town, "pass")
    assert figure() == before
    assert "Approved" in said(act(desk.bureau, "approve"))

    assert before is not None and figure() == before + 900_000
    found = Return.objects.get()
    assert (found.state, found.submission) == ("approved", "form:yearly:enterprise:e1:2023:1")
    told = current.with_measure(None, lambda measure: trail(measure, FIGURE))
    mine = next(each for each in told.submissions if each.id == found.submission)
    row = next(each for each in mine.observations if each.variable == "output")
    document = current.ledger().document(mine.document).decode().splitlines()
    assert "output" in document[row.row - 1] and ",90," in document[row.row - 1]
    assert f"row={row.row}" in page(desk.bureau, "/desk/yearly/enterprise:e1/2023/") or row.row == 2

    acts = list(Step.objects.values_list("act", flat=True))
    assert acts == ["save", "save", "submit", "send back", "submit", "pass", "approve", "finish"]
    happened = list(Happening.objects.values_list("what", flat=True))
    assert happened.count("submitted") == 2 and happened.count("reviewed") == 3


def test_what_the_ledger_holds_is_filled_in_and_not_stated_again(desk: Desk) -> None:
    text = page(desk.reporter)
    assert typed(text)["staff"] == "42" and "https://example.org/staff" in text
    desk.approved()
    document = current.ledger().document(current.ledger().submissions()[-1].document).decode()
    assert "enterprise:e1,,,output" in document and ",staff," not in document


def test_a_rule_of_the_collection_keeps_a_return_back_and_another_only_warns(desk: Desk) -> None:
    refused = said(act(desk.reporter, "submit", output="100", rd="150"))
    assert "R&D is a part of output." in refused and "Compare the units." in refused
    assert Return.objects.get().state == "draft"
    warned = said(act(desk.reporter, "submit", output="100", rd="60"))
    assert Return.objects.get().state == "submitted"
    assert "R&D is seldom half of output." in warned and "R&D is a part of output." not in warned


def test_a_cell_is_checked_when_it_is_left(desk: Desk) -> None:
    told = said(desk.reporter.post(f"{HERE}cell/output/", {"value-output": "abc", "value-rd": "1"}))
    assert "“abc” is not a number" in told and "<form" not in told
    fine = said(desk.reporter.post(f"{HERE}cell/output/", {"value-output": "约100", "value-rd": "1"}))
    assert "wrong" not in fine
    assert not Return.objects.exists()


@pytest.mark.slow
def test_an_approved_return_is_corrected_in_a_new_revision(desk: Desk) -> None:
    desk.approved()
    before = figure()
    act(desk.reporter, "correct")
    assert typed(page(desk.reporter))["output"] == "100"
    act(desk.reporter, "submit", output="101")
    judged = page(desk.town)
    assert "The ledger holds:" in judged and ">100</a>" in judged
    act(desk.town, "pass")
    act(desk.bureau, "approve")
    assert before is not None and figure() == before + 10_000
    assert [each.state for each in Return.objects.order_by("revision")] == ["approved", "approved"]
    assert "Revisions:" in page(desk.bureau)


@pytest.mark.slow
def test_a_withdrawn_return_no_longer_counts_and_can_be_handed_in_anew(desk: Desk) -> None:
    before = figure()
    desk.approved()
    assert "Say why" in said(act(desk.bureau, "withdraw"))
    act(desk.bureau, "withdraw", reason="not theirs")
    assert figure() == before and Return.objects.get().state == "withdrawn"
    assert Happening.objects.filter(what="withdrawn", subject="enterprise:e1").exists()
    assert "Firm e1" in page(desk.reporter, "/desk/?show=due")
    act(desk.reporter, "correct")
    act(desk.reporter, "withdraw")
    assert "Firm e1" in page(desk.reporter, "/desk/?show=due")
    act(desk.reporter, "correct")
    act(desk.reporter, "submit", output="77")
    assert "Firm e1" in page(desk.reporter, "/desk/?show=done")
    act(desk.town, "pass")
    act(desk.bureau, "approve")
    assert before is not None and figure() == before + 770_000


def test_a_draft_can_be_taken_back_and_withdrawn_by_its_reporter(desk: Desk) -> None:
    desk.submitted()
    act(desk.reporter, "recall")
    assert Return.objects.get().state == "draft"
    act(desk.reporter, "withdraw")
    assert Return.objects.get().state == "withdrawn"


def test_where_no_town_is_known_the_bureau_reviews_at_once(desk: Desk) -> None:
    at = "/desk/yearly/enterprise:e9/2023/"
    reporter = desk.person("reporter", (), ("enterprise:e9",))
    act(reporter, "submit", at, output="5")
    assert Return.objects.get().state == "checked"


def test_tasks_are_sorted_into_late_due_and_done(desk: Desk, moment: object) -> None:
    assert "Firm e1" in page(desk.reporter, "/desk/?show=due")
    assert "Firm e3" in page(desk.town, "/desk/?show=due") and "Firm e2" not in page(desk.town, "/desk/?show=due")
    assert all(f"Firm e{n}" in page(desk.bureau, "/desk/?show=due") for n in range(1, 10))
    moment(datetime(2024, 4, 2, tzinfo=UTC))  # type: ignore[operator]
    assert "Firm e1" in page(desk.reporter, "/desk/?show=late")
    desk.submitted()
    assert "Firm e1" in page(desk.reporter, "/desk/?show=done") and "Firm e1" in page(desk.town, "/desk/?show=queue")
    assert "Firm e1" not in page(desk.reporter, "/desk/?show=late")


def test_what_reporting_costs_is_told_of_those_one_sees(desk: Desk) -> None:
    assert "Firm e1" in page(desk.reporter, "/desk/burden/") and "Firm e2" not in page(desk.reporter, "/desk/burden/")
    assert "36 cells a year" in page(desk.bureau, "/desk/burden/")


def test_the_desk_speaks_chinese(desk: Desk) -> None:
    desk.submitted(output="abc")
    text = desk.reporter.get(HERE, headers={"accept-language": "zh-hans"}).content.decode()
    assert "企业年报" in text and "不是数字" in text and "保存草稿" in text


def test_a_return_that_was_not_handed_in_before_its_lock_date_is_still_listed(desk: Desk, moment: object) -> None:
    act(desk.reporter, "save", output="1")
    moment(LATER)  # type: ignore[operator]
    assert "Firm e1" in page(desk.bureau, "/desk/?show=late")


def test_rounds_are_opened_once_for_every_open_period(desk: Desk, moment: object) -> None:
    moment(datetime(2025, 2, 1, tzinfo=UTC))  # type: ignore[operator]
    assert [each.id for each in reporting.open_rounds(reporting.today())] == ["form:yearly:round:2024"]
    head = current.head()
    call_command("complete_returns", verbosity=0)
    assert current.head() == head


def test_the_texts_of_the_desk_are_all_there_in_chinese() -> None:
    assert without_chinese("desk") == []


def test_a_coded_text_is_chosen_by_what_it_is_called_and_what_was_typed_wrongly_is_kept(desk: Desk) -> None:
    text = page(desk.reporter)
    assert '<option value="large">a large one</option>' in text and '<option value="small">small</option>' in text
    act(desk.reporter, "save", size="huge")
    assert typed(page(desk.reporter))["size"] == "huge"
    act(desk.reporter, "submit", output="100", size="large")
    assert "a large one" in page(desk.town)
