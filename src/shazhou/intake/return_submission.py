"""Approved returns enter the ledger, and rounds are opened: of each reporter a return is due.

A round is opened before the first return of its period, so that what a return says of itself (received, in time) always
comes after what the round says (not received yet), whoever writes when.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from shazhou.city.collection import Collection
from shazhou.city.model import City
from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.intake.door import understood
from shazhou.intake.held import Held
from shazhou.intake.load import refuse_other_city
from shazhou.intake.return_check import MAPPING, check_return, delivery_of_return, names_of
from shazhou.intake.return_document import document_of, round_document, withdrawn_document
from shazhou.intake.returned import Return
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.submission import Delivery, Submission
from shazhou.ledger.withdraw import NOTHING_TO_WITHDRAW, withdraw

NOT_HANDED_IN = Rule(
    "return-not-handed-in",
    "The return {found} was not handed in yet.",
    "报表 {found} 尚未报送。",
    "Approve it when the reporter has handed it in.",
    "请待填报单位报送后再审核。",
)
NOT_ROUND = Rule(
    "round-not-open",
    "The round of {found} has not been opened.",
    "{found} 的报送尚未开始登记。",
    "Open it first, so that it is known who owes a return.",
    "请先登记本期应报送名单。",
)


def round_id(collection: Collection, period: str) -> str:
    """The id of the submission that opens a round."""
    return f"form:{collection.id}:round:{period}"


def submit_return(ledger: Ledger, city: City, returned: Return, known: Iterable[Held], deliverer: str) -> Submission:
    """Adds an approved return to the ledger: its document, and what that states.

    The same return again is the same submission; another content under its id is refused. A prefilled cell is not
    stated again.

    Args:
        ledger: the ledger.
        city: definitions.
        returned: the return as it was approved.
        known: what the ledger holds of its entity.
        deliverer: who approved it.

    Raises:
        Refused: it was not handed in, it is not right, or its round is not open; nothing was changed.
    """
    submissions = {each.id: each for each in ledger.submissions()}
    first = submissions.get(returned.id)
    if first is not None and first.document == hashlib.sha256(document_of(city, returned)).hexdigest():
        return first
    if returned.submitted is None:
        raise Refused([Problem(NOT_HANDED_IN, Where(returned.document_name), returned.id)])
    checked = check_return(city, returned, known)
    if not checked.ok:
        raise Refused(checked.all)
    collection = city.collections[returned.collection]
    if collection.accounts is not None and round_id(collection, returned.period) not in submissions:
        found = f"{collection.name.zh} {collection.name.en} {returned.period}"
        raise Refused([Problem(NOT_ROUND, Where(returned.document_name), found)])
    delivery = delivery_of_return(city, returned, document_of(city, returned), deliverer)
    return _append(ledger, city, delivery, [returned.entity])


def open_round(
    ledger: Ledger, city: City, collection: Collection, period: str, entities: Iterable[str], deliverer: str
) -> Submission | None:
    """States of each of these entities that its return of a period is due and not received yet.

    A round is opened once; opened again it stays as it was. A collection without accounts has none.
    """
    name = round_id(collection, period)
    opened = next((each for each in ledger.submissions() if each.id == name), None)
    asked = sorted(set(entities))
    if opened is not None or collection.accounts is None or not asked:
        return opened
    delivery = Delivery(
        id=name,
        deliverer=deliverer,
        door="form",
        title=f"{collection.name.zh} {collection.name.en} {period} 应报送名单 list of reporters",
        document=round_document(city, collection, period, asked),
        document_name=f"{collection.id}-round-{period}.csv",
        mapping=MAPPING,
        source=collection.accounts.source,
    )
    try:
        return _append(ledger, city, delivery, asked)
    except Refused:
        # Somebody else may have opened it in between, and of other reporters: theirs is the round.
        opened = next((each for each in ledger.submissions() if each.id == name), None)
        if opened is None:
            raise
        return opened


def withdraw_return(ledger: Ledger, city: City, name: str, reason: str, deliverer: str) -> Submission:
    """Takes back an approved return, in all its revisions, and states that it is due and not received.

    Handed in anew it is the next revision. The same withdrawal again returns the first one.

    Args:
        ledger: the ledger.
        city: definitions.
        name: the id of the return's submission.
        reason: why, kept for good.
        deliverer: who takes it back.

    Raises:
        Refused: the ledger holds nothing of it that still counts, or no reason is given.
    """
    taken = f"{name}:withdrawn"
    approved = {each.id: each for each in ledger.submissions()}
    if taken in approved:
        return approved[taken]
    returned = Return.of_id(name)
    found: list[Submission] = []
    problems: list[Problem] = []
    for revision in range(1, returned.revision + 1):
        try:
            earlier = returned.model_copy(update={"revision": revision})
            found.append(withdraw(ledger, earlier.id, reason, deliverer))
        except Refused as refused:
            problems += refused.problems
    if not found or any(problem.rule is not NOTHING_TO_WITHDRAW for problem in problems):
        raise Refused(problems)
    collection = city.collections.get(returned.collection)
    if collection is None or collection.accounts is None:
        return found[-1]
    delivery = delivery_of_return(city, returned, withdrawn_document(city, returned, reason), deliverer)
    return _append(ledger, city, replace(delivery, id=taken, document_name=f"{taken}.csv"), [returned.entity])


def _append(ledger: Ledger, city: City, delivery: Delivery, entities: Iterable[str]) -> Submission:
    refuse_other_city(ledger, city)
    prepared = understood(city, names_of(city, entities), delivery)
    return ledger.append(delivery, prepared.batches())
