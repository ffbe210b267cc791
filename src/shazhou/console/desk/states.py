"""The states of a return. Each member declares what may be done in it, by whom, and what follows; what is not declared
cannot be done.

    draft ─ submit → submitted ─ pass → checked ─ approve → approving ─ finish → approved ─ withdraw → withdrawing
      ↑                  │                 │                                                               │ finish
      └── save ── returned ←── send back ──┘                                                           withdrawn

*Approving* and *withdrawing* are claims: the decision is taken and committed, the ledger is being written. Only their
`Act.FINISH` or `Act.RELEASE` leads out of them, and no person does these by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from shazhou.console.access.rules import Action


class Act(Enum):
    """What can be done with a return."""

    SAVE = "save"
    SUBMIT = "submit"
    SUBMIT_TO_BUREAU = "submit to bureau"
    """As submit, where nobody reviews it for a town."""
    RECALL = "recall"
    PASS = "pass"
    SEND_BACK = "send back"
    APPROVE = "approve"
    WITHDRAW = "withdraw"
    FINISH = "finish"
    """The ledger holds what was decided."""
    RELEASE = "release"
    """The ledger refused what was decided."""


@dataclass(frozen=True)
class Fact:
    """What an act needs and leads to: the right of whoever does it (None: nobody by hand), the key of the state that
    follows, and whether a reason must be given."""

    right: Action | None
    follows: str
    reason: bool = False


_EDITED: Mapping[Act, Fact] = {
    Act.SUBMIT: Fact(Action.FILL, "submitted"),
    Act.SUBMIT_TO_BUREAU: Fact(Action.FILL, "checked"),
    Act.WITHDRAW: Fact(Action.FILL, "withdrawn"),
}


_NOTHING: Mapping[Act, Fact] = {}


class State(Enum):
    """A state: its key and the facts of its acts."""

    DRAFT = ("draft", {Act.SAVE: Fact(Action.FILL, "draft"), **_EDITED})
    RETURNED = ("returned", {Act.SAVE: Fact(Action.FILL, "returned"), **_EDITED})
    SUBMITTED = (
        "submitted",
        {
            Act.RECALL: Fact(Action.FILL, "draft"),
            Act.PASS: Fact(Action.REVIEW_TOWN, "checked"),
            Act.SEND_BACK: Fact(Action.REVIEW_TOWN, "returned", reason=True),
        },
    )
    CHECKED = (
        "checked",
        {
            Act.APPROVE: Fact(Action.REVIEW_BUREAU, "approving"),
            Act.SEND_BACK: Fact(Action.REVIEW_BUREAU, "returned", reason=True),
        },
    )
    APPROVING = ("approving", {Act.FINISH: Fact(None, "approved"), Act.RELEASE: Fact(None, "checked", reason=True)})
    APPROVED = ("approved", {Act.WITHDRAW: Fact(Action.WITHDRAW, "withdrawing", reason=True)})
    WITHDRAWING = (
        "withdrawing",
        {Act.FINISH: Fact(None, "withdrawn"), Act.RELEASE: Fact(None, "approved", reason=True)},
    )
    WITHDRAWN = ("withdrawn", _NOTHING)

    def __init__(self, key: str, acts: Mapping[Act, Fact]) -> None:
        self.key = key
        self.acts = acts

    @classmethod
    def of(cls, key: str) -> State:
        """The state with a key; KeyError where there is none."""
        return BY_KEY[key]


BY_KEY = {state.key: state for state in State}

CLAIMED = (State.APPROVING, State.WITHDRAWING)
"""The ledger is being written."""

CLOSED = (State.APPROVED, State.WITHDRAWING, State.WITHDRAWN)
"""No evidence is awaited: what has to be corrected begins a new revision."""
