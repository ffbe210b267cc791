"""Making people, giving them roles and taking them away; each change is in the audit log.

``by`` is the request of whoever does it; without one it was the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from axes.utils import reset as reset_attempts
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import override

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.console.access import second_factor
from shazhou.console.access.audit import log
from shazhou.console.access.models import Assignment, Person
from shazhou.console.access.rules import BY_KEY, Role

NAME_REFUSED = Rule(
    "user-name-refused",
    "The user name {found} cannot be used: {en}",
    "登录名 {found} 不能使用：{zh}",
    "Choose another one, of letters, digits and @ . + - _.",
    "请换用其他登录名，可含文字、数字及 @ . + - _。",
)
PASSWORD_REFUSED = Rule(
    "password-refused",
    "The password will not do: {en}",
    "密码不符合要求：{zh}",
    "Choose a longer one that nobody guesses, such as four words.",
    "请设置更长且不易猜到的密码，例如由几个词组成。",
)
UNKNOWN_ROLE = Rule(
    "unknown-role",
    "There is no role {found}.",
    "没有名为 {found} 的角色。",
    "The roles are {roles}.",
    "可选角色：{roles}。",
)
PLACES_MISSING = Rule(
    "places-missing",
    "The role {found} is held for places, and none is named.",
    "角色 {found} 须指定所辖地方，现未指定。",
    "Name one with its key, such as --place 320582100.",
    "请给出地方编码，例如 --place 320582100。",
)
ENTERPRISES_MISSING = Rule(
    "enterprises-missing",
    "The role {found} is held for enterprises, and none is named.",
    "角色 {found} 须指定所属企业，现未指定。",
    "Name one with its id, such as --enterprise enterprise:….",
    "请给出企业编号，例如 --enterprise enterprise:…。",
)
NOBODY = Rule(
    "nobody",
    "Nobody has the user name {found}.",
    "没有登录名为 {found} 的用户。",
    "See shazhou user list.",
    "请用 shazhou user list 查看。",
)
LAST_ADMINISTRATOR = Rule(
    "last-administrator",
    "{found} is the only administrator left.",
    "{found} 是仅剩的一名管理员。",
    "Make somebody else administrator first.",
    "请先授予他人管理员角色。",
)


def make_person(username: str, password: str, name: str = "", title: str = "", by: HttpRequest | None = None) -> Person:
    """A new person with a password.

    Raises:
        Refused: the user name is taken or is none, or the password is too easy to guess.
    """
    person = Person(username=username, first_name=name, title=title)
    problems = _in_both(lambda: person.full_clean(exclude=["password"]), NAME_REFUSED, username)
    problems += _in_both(lambda: validate_password(password, person), PASSWORD_REFUSED)
    if problems:
        raise Refused(problems)
    person.set_password(password)
    try:
        with transaction.atomic():
            person.save()
            log(by, "person added", username)
    except IntegrityError:
        values = {"en": "somebody has just taken it.", "zh": "刚刚已被他人使用。"}
        raise Refused([Problem(NAME_REFUSED, Where(), username, values)]) from None
    return person


def give(
    person: Person,
    role: str,
    places: Sequence[str] = (),
    enterprises: Sequence[str] = (),
    by: HttpRequest | None = None,
) -> Assignment:
    """Grants a role within a scope; of places and enterprises, what the role does not reach by is left out.

    Raises:
        Refused: there is no such role, or its scope is missing.
    """
    if role not in BY_KEY:
        raise Refused([Problem(UNKNOWN_ROLE, Where(), role, {"roles": ", ".join(BY_KEY)})])
    reach = BY_KEY[role].reach
    if reach == "places" and not places:
        raise Refused([Problem(PLACES_MISSING, Where(), role)])
    if reach == "enterprises" and not enterprises:
        raise Refused([Problem(ENTERPRISES_MISSING, Where(), role)])
    scope: dict[str, Any] = {
        "places": list(places) if reach == "places" else [],
        "enterprises": list(enterprises) if reach == "enterprises" else [],
    }
    with transaction.atomic():
        given = Assignment.objects.create(person=person, role=role, **scope)
        log(by, "permissions changed", person.username, change="role given", role=role, **scope)
    return given


def take(assignment: Assignment, by: HttpRequest | None = None) -> None:
    """Takes a role away.

    Raises:
        Refused: nobody would be administrator any more.
    """
    with transaction.atomic():
        if assignment.role == Role.ADMINISTRATOR.key:
            _refuse_last_administrator(assignment.person, assignment)
        change = {"role": assignment.role, "places": assignment.places, "enterprises": assignment.enterprises}
        log(by, "permissions changed", assignment.person.username, change="role taken", **change)
        assignment.delete()


def deactivate(person: Person, by: HttpRequest | None = None) -> None:
    """Keeps a person from signing in, and ends what they are signed in to; the account stays for the audit log.

    Raises:
        Refused: nobody would be administrator any more.
    """
    with transaction.atomic():
        _refuse_last_administrator(person)
        _set_active(person, False, by)


def activate(person: Person, by: HttpRequest | None = None) -> None:
    """Lets a person sign in again."""
    with transaction.atomic():
        _set_active(person, True, by)


def set_password(person: Person, password: str, by: HttpRequest | None = None) -> None:
    """Gives a person another password, which ends what they are signed in to.

    Raises:
        Refused: it is too easy to guess.
    """
    problems = _in_both(lambda: validate_password(password, person), PASSWORD_REFUSED)
    if problems:
        raise Refused(problems)
    person.set_password(password)
    with transaction.atomic():
        person.save(update_fields=["password"])
        log(by, "password changed", person.username)


def recover(person: Person, password: str) -> None:
    """Lets somebody in again who has lost password or phone, or who tried too often; done where the ledger lies.

    Raises:
        Refused: the password is too easy to guess.
    """
    with transaction.atomic():
        set_password(person, password)
        second_factor.remove(person, None)
        reset_attempts(username=person.username)


def _set_active(person: Person, active: bool, by: HttpRequest | None) -> None:
    person.is_active = active
    person.save(update_fields=["is_active"])
    log(by, "permissions changed", person.username, change="activated" if active else "deactivated")


def _refuse_last_administrator(person: Person, without: Assignment | None = None) -> None:
    """Refused where ``person`` is administrator and nobody else is; ``without``: the one grant that is to go."""
    held = Assignment.objects.select_for_update().filter(role=Role.ADMINISTRATOR.key, person__is_active=True)
    gone = {without.pk} if without is not None else {each.pk for each in held if each.person_id == person.pk}
    if gone & {each.pk for each in held} and all(each.pk in gone for each in held):
        raise Refused([Problem(LAST_ADMINISTRATOR, Where(), person.username)])


def _in_both(check: Callable[[], None], rule: Rule, found: str = "") -> list[Problem]:
    """The problem that one of Django's checks finds, with its sentences in both languages."""
    said: dict[str, str] = {}
    for name, code in (("en", "en"), ("zh", "zh-hans")):
        with override(code):
            try:
                check()
            except ValidationError as error:
                said[name] = " ".join(error.messages)
    return [Problem(rule, Where(), found, said)] if said else []
