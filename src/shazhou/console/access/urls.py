"""Addresses of the accounts."""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import URLPattern
from django.views.i18n import set_language

from shazhou.console.access import views
from shazhou.console.access.routing import page
from shazhou.console.access.rules import Action

urlpatterns: list[URLPattern] = [
    page("sign-in/", LoginView.as_view(template_name="access/sign_in.html"), "sign-in", Action.SEE_PUBLISHED),
    page("sign-out/", LogoutView.as_view(), "sign-out", Action.SEE_PUBLISHED),
    page("language/", set_language, "set-language", Action.SEE_PUBLISHED),
    page("first-run/", views.first_run, "first-run", Action.SEE_PUBLISHED),
    page("account/", views.account, "account", Action.SIGNED_IN),
]
