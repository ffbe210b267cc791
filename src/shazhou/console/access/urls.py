"""Addresses of the accounts."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern
from django.views.i18n import set_language

from shazhou.console.access import sign_in, views
from shazhou.console.access.routing import page
from shazhou.console.access.rules import Action

urlpatterns: list[URLPattern] = [
    page("sign-in/", sign_in.SignIn.as_view(), "sign-in", Action.SEE_PUBLISHED),
    page("sign-in/code/", sign_in.code, "sign-in-code", Action.SEE_PUBLISHED),
    page("sign-out/", LogoutView.as_view(), "sign-out", Action.SEE_PUBLISHED),
    page("language/", set_language, "set-language", Action.SEE_PUBLISHED),
    page("first-run/", views.first_run, "first-run", Action.SEE_PUBLISHED),
    page("account/", views.account, "account", Action.SIGNED_IN),
    page("account/password/", views.password, "password", Action.SIGNED_IN),
    page("account/second-factor/", views.set_up_second_factor, "second-factor", Action.SIGNED_IN),
    page("account/second-factor/remove/", views.remove_second_factor, "remove-second-factor", Action.SIGNED_IN),
]
