"""Addresses of the entities."""

from __future__ import annotations

from django.urls import URLPattern

from shazhou.console.access.routing import page
from shazhou.console.access.rules import Action
from shazhou.console.entities import views

urlpatterns: list[URLPattern] = [page("entities/<str:entity>/", views.entity, "entity", Action.SEE_PUBLISHED)]
