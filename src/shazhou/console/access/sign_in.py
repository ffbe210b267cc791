"""Signing in: name and password, and the code of those who have set up a second factor.

A wrong code counts like a wrong password: after so many the name is closed from that address for a while.
"""

from __future__ import annotations

import time
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.signals import user_login_failed
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_otp import login as verified_in

from shazhou.console.access import second_factor
from shazhou.console.access.models import Person

BACKEND = "django.contrib.auth.backends.ModelBackend"

PENDING = "password given"
"""Where a session keeps who has given the right password, but not yet the code."""

PATIENCE = 300
"""Seconds between the password and the code."""


class SignInForm(AuthenticationForm):
    """Name and password, with one sentence for all that may be wrong."""

    error_messages = {  # noqa: RUF012
        "invalid_login": gettext_lazy("User name or password is not right."),
        "inactive": gettext_lazy("User name or password is not right."),
    }


class SignIn(LoginView):
    """Asks for name and password; until there is anybody, leads to the making of the first administrator."""

    template_name = "access/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form."""
        return super().get(request, *args, **kwargs) if Person.objects.exists() else redirect("first-run")

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Signs in, or asks for the code first."""
        person = form.get_user()
        if second_factor.device_of(person) is None:
            return super().form_valid(form)
        self.request.session[PENDING] = {"person": person.pk, "at": time.time(), "next": self.get_success_url()}
        return redirect("sign-in-code")


def code(request: HttpRequest) -> HttpResponseBase:
    """Asks whoever has given the right password for the code."""
    pending = request.session.get(PENDING, {})
    person = Person.objects.filter(pk=pending.get("person"), is_active=True).first()
    device = second_factor.device_of(person) if person is not None else None
    if person is None or device is None or time.time() - pending["at"] > PATIENCE:
        request.session.pop(PENDING, None)
        return redirect("sign-in")
    problem = ""
    if request.method == "POST":
        if not AxesProxyHandler.is_allowed(request, {"username": person.username}):
            request.session.pop(PENDING)
            return locked(request)
        if second_factor.accepts(device, request.POST.get("code", "")):
            login(request, person, backend=BACKEND)
            verified_in(request, device)
            request.session.pop(PENDING, None)
            return HttpResponseRedirect(pending["next"])
        user_login_failed.send(__name__, credentials={"username": person.username}, request=request)
        problem = _("That code is not right. Wait for the next one and try again.")
    return render(request, "access/code.html", {"problem": problem})


def locked(request: HttpRequest, *_: Any) -> HttpResponse:
    """Says that a name is closed from this address, and for how long."""
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    response = render(request, "access/locked.html", {"minutes": seconds // 60}, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response
