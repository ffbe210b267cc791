"""Addresses of the API and of the pages about it."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from shazhou.console.access.routing import page
from shazhou.console.access.rules import Action
from shazhou.console.api import pages
from shazhou.console.api.site import ROOT, VERSION, routes

urlpatterns: list[URLPattern | URLResolver] = [
    page("api/", pages.about, "api", Action.SEE_PUBLISHED),
    page(f"{ROOT}openapi.json", pages.openapi, "openapi", Action.SEE_PUBLISHED),
    path(ROOT, include((routes(), "ninja"), namespace=f"api-{VERSION}")),
    page("api/<path:rest>", pages.unknown, "api-unknown", Action.SEE_PUBLISHED),
    page("account/tokens/", pages.own_tokens, "tokens", Action.SIGNED_IN),
    page("account/tokens/<int:token>/revoke/", pages.revoke, "revoke-token", Action.SIGNED_IN),
]
