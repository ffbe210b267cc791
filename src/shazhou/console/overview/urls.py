"""Addresses of the overview."""

from __future__ import annotations

from django.urls import URLPattern

from shazhou.console.access.routing import page
from shazhou.console.access.rules import Action
from shazhou.console.overview import views

urlpatterns: list[URLPattern] = [
    page("", views.overview, "overview", Action.SEE_PUBLISHED),
    page("outlines/<str:version>/<str:map>.json", views.outline, "outline", Action.SEE_PUBLISHED),
]
