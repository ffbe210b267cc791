"""Pages about people: who there is, what they may do, and what an administrator does for them."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_otp.plugins.otp_totp.models import TOTPDevice

from shazhou.city.model import City
from shazhou.city.problem import Refused
from shazhou.console.access import people as changes
from shazhou.console.access import second_factor
from shazhou.console.access.audit import log
from shazhou.console.access.models import Person
from shazhou.console.access.scope import refuse_unknown
from shazhou.console.access.words import ROLES, held
from shazhou.console.administration.tabs import tabs
from shazhou.console.evidence import current
from shazhou.console.look.frame import language

ON_A_PAGE = 100


def people(request: HttpRequest) -> HttpResponse:
    """Everybody with an account."""
    asked = request.GET.get("q", "").strip()
    wanted = Q(username__icontains=asked) | Q(first_name__icontains=asked) | Q(title__icontains=asked)
    device = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
    found = Person.objects.filter(wanted).annotate(second_factor=Exists(device)).prefetch_related("assignments")
    shown = Paginator(found.order_by("-is_active", "username"), ON_A_PAGE).get_page(request.GET.get("page"))
    city = current.city_or_none()
    roles = {
        each.id: each for each in held([one for each in shown for one in each.assignments.all()], city, language())
    }
    rows = [(each, [roles[one.pk] for one in each.assignments.all()]) for each in shown]
    context = {"tabs": tabs(request), "rows": rows, "page": shown, "asked": asked}
    return render(request, "administration/people.html", context)


def new_person(request: HttpRequest) -> HttpResponse:
    """Adds somebody; the password to begin with is shown once."""
    given = {name: request.POST.get(name, "").strip() for name in ("username", "name", "title")}
    if request.method == "POST":
        password = _made_up()
        try:
            person = changes.make_person(given["username"], password, given["name"], given["title"], by=request)
        except Refused as refused:
            _tell(request, refused)
        else:
            return _person_page(request, person, password)
    return render(request, "administration/new_person.html", {"tabs": tabs(request), "given": given})


def person_page(request: HttpRequest, person: int) -> HttpResponse:
    """One person: details, roles, and what can be done for them."""
    return _person_page(request, get_object_or_404(Person, pk=person))


@require_POST
def change_details(request: HttpRequest, person: int) -> HttpResponse:
    """Changes name and post."""
    someone = get_object_or_404(Person, pk=person)
    someone.first_name = request.POST.get("name", "").strip()[:150]
    someone.title = request.POST.get("title", "").strip()[:200]
    someone.save(update_fields=["first_name", "title"])
    log(request, "person changed", someone.username, name=someone.first_name, title=someone.title)
    return redirect("person", person=person)


@require_POST
def give_role(request: HttpRequest, person: int) -> HttpResponse:
    """Gives a role within the places and enterprises that are named."""
    role, places = request.POST.get("role", ""), request.POST.getlist("places")
    enterprises = request.POST.get("enterprises", "").split()

    def give(someone: Person) -> None:
        refuse_unknown(places, enterprises)
        changes.give(someone, role, places, enterprises, by=request)

    return _done(request, person, give, _("The role has been given."))


@require_POST
def take_role(request: HttpRequest, person: int, assignment: int) -> HttpResponse:
    """Takes a role away."""

    def take(someone: Person) -> None:
        changes.take(get_object_or_404(someone.assignments, pk=assignment), by=request)

    return _done(request, person, take, _("The role has been taken away."))


@require_POST
def deactivate_person(request: HttpRequest, person: int) -> HttpResponse:
    """Keeps somebody from signing in."""
    return _done(request, person, lambda someone: changes.deactivate(someone, by=request), _("Deactivated."))


@require_POST
def activate_person(request: HttpRequest, person: int) -> HttpResponse:
    """Lets somebody sign in again."""
    return _done(request, person, lambda someone: changes.activate(someone, by=request), _("Activated."))


@require_POST
def new_password(request: HttpRequest, person: int) -> HttpResponse:
    """Gives somebody a new password, which is shown once, and signs them out everywhere."""
    someone, password = get_object_or_404(Person, pk=person), _made_up()
    changes.set_password(someone, password, by=request)
    return _person_page(request, someone, password)


@require_POST
def remove_second_factor(request: HttpRequest, person: int) -> HttpResponse:
    """Takes the second factor off, for somebody who has lost their phone."""
    return _done(
        request,
        person,
        lambda someone: second_factor.remove(someone, request),
        _("The second factor has been taken off."),
    )


def _done(request: HttpRequest, person: int, change: Callable[[Person], None], said: str) -> HttpResponse:
    someone = get_object_or_404(Person, pk=person)
    try:
        change(someone)
    except Refused as refused:
        _tell(request, refused)
    else:
        messages.success(request, said)
    return redirect("person", person=person)


def _tell(request: HttpRequest, refused: Refused) -> None:
    for problem in refused.problems:
        messages.error(request, f"{problem.says(language())} {problem.mend(language())}")


def _person_page(request: HttpRequest, person: Person, password: str = "") -> HttpResponse:
    city = current.city_or_none()
    context = {
        "tabs": tabs(request),
        "person": person,
        "password": password,
        "held": held(person.assignments.all(), city, language()),
        "second_factor": second_factor.device_of(person) is not None,
        "roles": list(ROLES.items()),
        "places": _places(city),
    }
    response = render(request, "administration/person.html", context)
    if password:
        response.headers["Cache-Control"] = "no-store"
    return response


def _places(city: City | None) -> list[tuple[str, str]]:
    """Key and name of the city and every place in it."""
    within = city.descendants(city.root) if city is not None else ()
    return [(key, city.places[key].name.of(language())) for key in city.places if key in within] if city else []


def _made_up() -> str:
    return secrets.token_urlsafe(12)
