"""Pages of the accounts."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from shazhou.city.problem import Refused
from shazhou.console.access import second_factor
from shazhou.console.access.audit import log
from shazhou.console.access.models import Person
from shazhou.console.access.people import give, make_person
from shazhou.console.access.sign_in import BACKEND
from shazhou.console.access.words import held
from shazhou.console.evidence import current
from shazhou.console.look.frame import language


def first_run(request: HttpRequest) -> HttpResponse:
    """Makes the first administrator, while there is nobody yet; of two at once one is made."""
    if Person.objects.exists():
        raise Http404
    problems: list[str] = []
    if request.method == "POST":
        try:
            person = _first_administrator(request)
        except Refused as refused:
            problems = [f"{each.says(language())} {each.mend(language())}" for each in refused.problems]
        except IntegrityError:
            raise Http404 from None
        else:
            login(request, person, backend=BACKEND)
            return redirect("overview")
    return render(request, "access/first_run.html", {"problems": problems, "name": request.POST.get("username", "")})


def _first_administrator(request: HttpRequest) -> Person:
    with transaction.atomic():
        person = make_person(request.POST.get("username", "").strip(), request.POST.get("password", ""), by=request)
        person.founder = True
        person.save(update_fields=["founder"])
        give(person, "administrator", by=request)
    return person


def account(request: HttpRequest) -> HttpResponse:
    """One's own account: name, roles and scopes, password, second factor."""
    person = _own(request)
    context = {
        "person": person,
        "held": held(person.assignments.all(), current.city_or_none(), language()),
        "second_factor": second_factor.device_of(person) is not None,
    }
    return render(request, "access/account.html", context)


def password(request: HttpRequest) -> HttpResponse:
    """Changes one's own password; other browsers are signed out."""
    form = PasswordChangeForm(_own(request), request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            person = form.save()
            log(request, "password changed", person.username)
        update_session_auth_hash(request, person)
        messages.success(request, _("The password has been changed. Other browsers have been signed out."))
        return redirect("account")
    return render(request, "access/password.html", {"form": form})


def set_up_second_factor(request: HttpRequest) -> HttpResponse:
    """Shows a new secret, and puts it into use with the first right code."""
    person = _own(request)
    if second_factor.device_of(person) is not None:
        return redirect("account")
    device = second_factor.begun(person) or second_factor.begin(person)
    if request.method == "POST":
        if second_factor.confirm(request, device, request.POST.get("code", "")):
            messages.success(request, _("From now on a code from your phone is asked for when you sign in."))
            return redirect("account")
        messages.error(request, _("That code is not right. Wait for the next one and try again."))
    context = {
        "secret": second_factor.secret(device),
        "picture": second_factor.picture(device),
        "address": device.config_url,
    }
    return render(request, "access/second_factor.html", context)


@require_POST
def remove_second_factor(request: HttpRequest) -> HttpResponse:
    """Takes one's own second factor off, with a code of it."""
    device = second_factor.device_of(_own(request))
    if device is not None and second_factor.accepts(device, request.POST.get("code", "")):
        second_factor.remove(_own(request), request)
        messages.success(request, _("The second factor has been taken off."))
    else:
        messages.error(request, _("That code is not right. Wait for the next one and try again."))
    return redirect("account")


def _own(request: HttpRequest) -> Person:
    return Person.objects.get(username=request.user.get_username())
