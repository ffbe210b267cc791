"""Addresses of the releases."""

from __future__ import annotations

from django.urls import URLPattern

from shazhou.console.access.routing import page
from shazhou.console.access.rules import Action
from shazhou.console.release import views

urlpatterns: list[URLPattern] = [
    page("releases/", views.releases, "releases", Action.SEE_PUBLISHED),
    page("releases/new/", views.new, "release-new", Action.RELEASE),
]
