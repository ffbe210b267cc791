"""Who may see and do what: roles, actions, subjects, and `may`, which every page, export and call of the API asks.

A grant gives a person a role within a scope. What a role may do stands in its member, so that what nobody wrote down
is not allowed. An action is about a subject: an enterprise, which lies in places, or a place, or nothing in particular.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

Reach = Literal["everywhere", "places", "enterprises"]
"""How far a role goes: everywhere, as far as its places, or as far as its enterprises."""


class Action(Enum):
    """What can be done or seen."""

    SEE_PUBLISHED = "see what is published"
    SIGNED_IN = "use one's own account"
    SEE_AGGREGATES = "see aggregates that have not been released"
    SEE_MICRODATA = "see what single enterprises report"
    EXPORT_MICRODATA = "take what single enterprises report away"
    FILL = "fill in and submit a return"
    REVIEW_TOWN = "review a return for the town"
    REVIEW_BUREAU = "approve a return for the bureau"
    WITHDRAW = "withdraw what has been approved"
    RELEASE = "release a head"
    VERIFY = "verify the ledger"
    ADMINISTER = "manage people and the deployment"
    READ_METRICS = "read the site's measurements"
    READ_AUDIT = "read the audit log"


_READ = frozenset({Action.SEE_AGGREGATES, Action.SEE_MICRODATA})


class Role(Enum):
    """A role: its key, how far it reaches, and what it may do. Everybody may see what is published."""

    LEADERSHIP = ("leadership", "everywhere", _READ | {Action.READ_AUDIT, Action.VERIFY})
    ANALYST = ("analyst", "everywhere", _READ | {Action.EXPORT_MICRODATA, Action.RELEASE, Action.VERIFY})
    REVIEWER = (
        "reviewer",
        "everywhere",
        _READ | {Action.EXPORT_MICRODATA, Action.REVIEW_BUREAU, Action.WITHDRAW, Action.VERIFY},
    )
    TOWN = ("town", "places", _READ | {Action.EXPORT_MICRODATA, Action.REVIEW_TOWN, Action.FILL})
    REPORTER = ("reporter", "enterprises", frozenset({Action.SEE_MICRODATA, Action.FILL}))
    ADMINISTRATOR = (
        "administrator",
        "everywhere",
        frozenset({Action.ADMINISTER, Action.READ_METRICS, Action.READ_AUDIT, Action.VERIFY}),
    )

    def __init__(self, key: str, reach: Reach, allowed: frozenset[Action]) -> None:
        self.key = key
        self.reach = reach
        self.allowed = allowed


EVERYBODY = frozenset({Action.SEE_PUBLISHED})
WHOEVER_SIGNED_IN = frozenset({Action.SIGNED_IN})
UNBOUND = frozenset({Action.SEE_AGGREGATES, Action.VERIFY})
"""Actions that are about no enterprise or place: whoever has them for some scope has them."""

BY_KEY = {role.key: role for role in Role}


@dataclass(frozen=True)
class Grant:
    """A role within a scope: keys of places, ids of enterprises."""

    role: Role
    places: frozenset[str] = frozenset()
    enterprises: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Visitor:
    """Somebody who looks at the site; without an ``id`` the public. ``grants`` name every place below those given.
    ``only``: of what the grants allow, no more than this; a token has such a scope."""

    id: int | None = None
    name: str = ""
    grants: tuple[Grant, ...] = ()
    only: frozenset[Action] | None = None

    @property
    def signed_in(self) -> bool:
        """Whether it is known who this is."""
        return self.id is not None


@dataclass(frozen=True)
class Subject:
    """What an action is about: an enterprise (its id) with the places it lies in, or only places, or neither."""

    enterprise: str = ""
    places: frozenset[str] = frozenset()


NOTHING_IN_PARTICULAR = Subject()


def may(visitor: Visitor, action: Action, subject: Subject = NOTHING_IN_PARTICULAR) -> bool:
    """Whether a visitor may do something to a subject."""
    if action in EVERYBODY or (action in WHOEVER_SIGNED_IN and visitor.signed_in):
        return True
    if visitor.only is not None and action not in visitor.only:
        return False
    return any(action in grant.role.allowed and _reaches(grant, action, subject) for grant in visitor.grants)


def _reaches(grant: Grant, action: Action, subject: Subject) -> bool:
    if grant.role.reach == "everywhere" or action in UNBOUND:
        return True
    if grant.role.reach == "places":
        return not grant.places.isdisjoint(subject.places)
    return bool(subject.enterprise) and subject.enterprise in grant.enterprises


def somewhere(visitor: Visitor, action: Action) -> bool:
    """Whether a visitor may do something to some subject: for menus and for pages that list only what one may see."""
    if action in EVERYBODY or (action in WHOEVER_SIGNED_IN and visitor.signed_in):
        return True
    if visitor.only is not None and action not in visitor.only:
        return False
    return any(action in grant.role.allowed for grant in visitor.grants)
