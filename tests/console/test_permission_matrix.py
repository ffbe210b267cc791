"""Every address of the site, for everybody: who gets through and who does not.

The expectation stands in the table below, written by hand and not taken from the roles themselves. The addresses come
from the site: one that has no rule fails, and one whose rule the table does not know fails too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from ninja import Router

from shazhou.console.access.people import give, make_person
from shazhou.console.access.routing import Rule, ruled
from shazhou.console.access.rules import Action, Role, Subject
from shazhou.console.api.guard import operation
from shazhou.console.api.problems import Failure

ALLOWED = """
                   stranger  roleless  leadership  analyst  reviewer  town  reporter  administrator
SEE_PUBLISHED      all       all       all         all      all       all   all       all
SIGNED_IN          -         all       all         all      all       all   all       all
SEE_AGGREGATES     -         -         all         all      all       all   -         -
SEE_MICRODATA      -         -         all         all      all       own   own       -
EXPORT_MICRODATA   -         -         -           all      all       own   -         -
FILL               -         -         -           -        -         own   own       -
REVIEW_TOWN        -         -         -           -        -         own   -         -
REVIEW_BUREAU      -         -         -           -        all       -     -         -
WITHDRAW           -         -         -           -        all       -     -         -
RELEASE            -         -         -           all      -         -     -         -
VERIFY             -         -         all         all      all       -     -         all
ADMINISTER         -         -         -           -        -         -     -         all
READ_METRICS       -         -         -           -        -         -     -         all
READ_AUDIT         -         -         all         -        -         -     -         all
"""
EXAMPLES = {"IntConverter": "1", "UUIDConverter": "00000000-0000-4000-8000-000000000000"}
TOKENS = {
    "none": {"SEE_PUBLISHED"},
    "published": {"SEE_PUBLISHED", "SIGNED_IN"},
    "aggregates": {"SEE_PUBLISHED", "SIGNED_IN", "SEE_AGGREGATES"},
    "microdata": {"SEE_PUBLISHED", "SIGNED_IN", "SEE_AGGREGATES", "SEE_MICRODATA", "EXPORT_MICRODATA"},
}
PASSWORD = "correct horse battery staple"
SUBJECTS = {
    "own": Subject("enterprise:ours", frozenset({"jingang"})),
    "other": Subject("enterprise:theirs", frozenset({"320582100"})),
}
SCOPES = {"town": (["jingang"], []), "reporter": ([], ["enterprise:ours"])}


def table() -> dict[str, dict[str, str]]:
    head, *lines = (line.split() for line in ALLOWED.strip().splitlines())
    return {action: dict(zip(head, reaches, strict=True)) for action, *reaches in lines}


TABLE = table()
VISITORS = list(next(iter(TABLE.values())))


def routes(patterns: list[Any], prefix: str = "/") -> Iterator[tuple[str, URLPattern]]:
    """Every address of the site as it can be asked for, with its route; those of the API are below a namespace."""
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, prefix + example(each))
        else:
            yield prefix + example(each), each


def example(each: URLPattern | URLResolver) -> str:
    """The route with something in the place of what it leaves open."""
    converters = {name: type(converter).__name__ for name, converter in each.pattern.converters.items()}
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: EXAMPLES.get(converters[found[1]], "x"), str(each.pattern))


def operations(callback: Any) -> list[Any]:
    """The operations behind a route of the API; none for any other route."""
    cells = [cell.cell_contents for cell in getattr(callback, "__closure__", None) or ()]
    return [each for cell in cells for each in getattr(cell, "operations", [])]


def own_routes() -> list[tuple[str, URLPattern]]:
    return [(address, each) for address, each in routes(get_resolver().url_patterns) if not operations(each.callback)]


def api_operations() -> list[tuple[str, Any]]:
    found = [(address, operations(each.callback)) for address, each in routes(get_resolver().url_patterns)]
    return [(address, each) for address, several in found for each in several]


@pytest.fixture
def browser(site: Client) -> Callable[[str], Client]:

    def of(visitor: str) -> Client:
        found = Client()
        if visitor != "stranger":
            person = make_person(visitor, PASSWORD)
            if visitor != "roleless":
                give(person, visitor, *SCOPES.get(visitor, ([], [])))
            found.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return found

    return of


def through(_: HttpRequest, *__: Any, **___: Any) -> HttpResponse:
    return HttpResponse("through")


def got_through(browser: Client, address: str, visitor: str) -> bool:
    """Whether somebody got through; who did not was refused as they should be: asked to sign in, or told no."""
    answer = browser.get(address)
    if answer.status_code == 200 and answer.content == b"through":
        return True
    if visitor == "stranger":
        assert answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in/?next="), address
    else:
        assert answer.status_code == 403, address
    return False


def test_the_table_knows_every_action_and_every_role() -> None:
    assert set(TABLE) == {action.name for action in Action}
    assert set(VISITORS) == {"stranger", "roleless", *(role.key for role in Role)}
    assert {reach for row in TABLE.values() for reach in row.values()} == {"all", "own", "-"}


def test_every_address_has_a_rule() -> None:
    pages, calls = own_routes(), api_operations()
    assert len(pages) > 20
    assert [address for address, each in pages if not isinstance(getattr(each.callback, "rule", None), Rule)] == []
    bare = [address for address, each in calls if not isinstance(getattr(each.view_func, "rule", None), Rule)]
    assert bare == []


def test_every_address_is_kept_by_the_guard_that_is_tried_here() -> None:
    """What bears a rule also asks for it: it is one of the two functions that the tests below try with every role."""
    page, call = ruled(through, Rule(Action.VERIFY)), guarded(Action.VERIFY, Subject())
    assert [address for address, each in own_routes() if code_of(each.callback) is not code_of(page)] == []
    assert [address for address, each in api_operations() if code_of(each.view_func) is not code_of(call)] == []
    assert code_of(through) is not code_of(page), "a bare view would be found"


def code_of(function: Any) -> Any:
    return function.__code__


@pytest.mark.parametrize("visitor", VISITORS)
def test_every_page_lets_through_whom_the_table_says(
    browser: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch, visitor: str
) -> None:
    looking, wrong, asked = browser(visitor), [], 0
    for address, each in own_routes():
        rule: Rule = each.callback.rule
        reach = TABLE[rule.action.name][visitor]
        # The view is put aside, since only its guard is asked; where the rule has a subject, it is once one's own.
        for scope in SUBJECTS if rule.subject is not None else ("unscoped",):
            subject = None if rule.subject is None else lambda *_, scope=scope, **__: SUBJECTS[scope]
            monkeypatch.setattr(each, "callback", ruled(through, Rule(rule.action, subject)))
            asked += 1
            expected = reach == "all" or (reach == "own" and scope != "other")
            if got_through(looking, address, visitor) != expected:
                wrong.append((address, rule.action.name, scope))
            monkeypatch.undo()
    assert wrong == [] and asked > 20


@pytest.mark.parametrize("visitor", VISITORS)
@pytest.mark.parametrize("action", list(Action), ids=lambda action: action.name)
def test_the_one_rule_says_what_the_table_says(visitor: str, action: Action) -> None:
    from shazhou.console.access.rules import Grant, Visitor, may, somewhere

    places, enterprises = SCOPES.get(visitor, ([], []))
    roles = [role for role in Role if role.key == visitor]
    grants = tuple(Grant(role, frozenset(places), frozenset(enterprises)) for role in roles)
    who = Visitor(None if visitor == "stranger" else 1, visitor, grants)
    reach = TABLE[action.name][visitor]
    assert somewhere(who, action) == (reach != "-")
    assert may(who, action, SUBJECTS["own"]) == (reach != "-")
    assert may(who, action, SUBJECTS["other"]) == (reach == "all")
    assert may(who, action) == (reach == "all")


@pytest.mark.parametrize("visitor", VISITORS)
def test_the_api_lets_through_whom_the_table_says_and_no_token_does_more_than_its_scope(
    browser: Callable[[str], Client], visitor: str
) -> None:
    """Each action once as the rule of an operation, called with tokens of every scope, and without one."""
    browser(visitor)
    requests, wrong = callers(visitor), []
    for action in Action:
        for about, subject in SUBJECTS.items():
            called = guarded(action, subject)
            for scope, request in requests.items():
                reach = TABLE[action.name][visitor] if action.name in TOKENS[scope] else "-"
                expected = reach == "all" or (reach == "own" and about == "own")
                if answered(called, request) != expected:
                    wrong.append((action.name, about, scope))
    assert wrong == []


def callers(visitor: str) -> dict[str, HttpRequest]:
    """A request of somebody with a token of each scope; of a stranger one without."""
    from shazhou.console.access.models import Person
    from shazhou.console.api.tokens import make

    def asking(**headers: str) -> HttpRequest:
        return RequestFactory().get("/api/v1/anything", headers=headers)

    if visitor == "stranger":
        return {"none": asking()}
    person = Person.objects.get(username=visitor)
    secrets = {scope: make(asking(), person, scope, scope, 7) for scope in TOKENS if scope != "none"}
    return {scope: asking(authorization=f"Bearer {secret}") for scope, secret in secrets.items()}


def guarded(action: Action, subject: Subject) -> Callable[..., Any]:
    """An operation of an API of its own that does nothing but ask for its rule."""
    router = Router()
    operation(router, "GET", "/x", None, action, lambda *_, **__: subject)(lambda request: "through")
    (found,) = router.path_operations["/x"].operations
    return found.view_func  # type: ignore[no-any-return]


def answered(called: Callable[..., Any], request: HttpRequest) -> bool:
    """Whether a call got past its rule; what it needs beyond that is not given, so it may well fail there."""
    try:
        called(request)
    except Failure as failure:
        assert failure.status == (403 if request.headers.get("Authorization") else 401)
        return False
    except TypeError as missing:
        assert "missing" in str(missing)
    return True


@pytest.mark.slow
@pytest.mark.parametrize("visitor", VISITORS)
def test_no_page_breaks_for_anybody(browser: Callable[[str], Client], visitor: str) -> None:
    """The real pages, with addresses of things that may not exist: an answer or a refusal, never a fault."""
    looking = browser(visitor)
    looking.raise_request_exception = False
    faults = []
    for address, each in sorted(own_routes(), key=lambda route: route[1].name == "sign-out"):
        allowed = TABLE[each.callback.rule.action.name][visitor] != "-"
        for answer in (looking.get(address), looking.post(address)):
            refused = answer.status_code == 403 or answer.headers.get("Location", "").startswith("/sign-in/")
            if answer.status_code >= 500 or (not allowed and not refused and answer.status_code != 404):
                faults.append((address, answer.status_code))
    assert faults == []
