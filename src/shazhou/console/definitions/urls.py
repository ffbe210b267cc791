"""Addresses of the definitions."""

from __future__ import annotations

from django.urls import URLPattern

from shazhou.console.access.routing import page
from shazhou.console.access.rules import Action
from shazhou.console.definitions import views

urlpatterns: list[URLPattern] = [
    page("definitions/", views.definitions, "definitions", Action.SEE_PUBLISHED),
    page("definitions/<slug:part>/", views.part, "definition-part", Action.SEE_PUBLISHED),
    page("definitions/<slug:part>/<str:key>/", views.definition, "definition", Action.SEE_PUBLISHED),
]
