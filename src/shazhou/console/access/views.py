"""Pages of the accounts."""

from __future__ import annotations

from django.contrib.auth import login
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from shazhou.console.access.models import Person
from shazhou.console.access.people import give, make_person


def first_run(request: HttpRequest) -> HttpResponse:
    """Makes the first administrator, while there is nobody yet."""
    if Person.objects.exists():
        raise Http404
    problems: list[str] = []
    if request.method == "POST":
        name, password = request.POST.get("username", "").strip(), request.POST.get("password", "")
        try:
            validate_password(password, Person(username=name))
            with transaction.atomic():
                person = make_person(name, password)
                give(person, "administrator")
            login(request, person, backend="django.contrib.auth.backends.ModelBackend")
            return redirect("overview")
        except ValidationError as error:
            problems = error.messages
    return render(request, "access/first_run.html", {"problems": problems})


def account(request: HttpRequest) -> HttpResponse:
    """One's own account: name, roles and scopes."""
    return render(request, "access/account.html", {"person": request.user})
