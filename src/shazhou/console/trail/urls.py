"""Addresses of trails."""

from __future__ import annotations

from django.urls import URLPattern

from shazhou.console.access.routing import page
from shazhou.console.access.rules import Action
from shazhou.console.trail import views

urlpatterns: list[URLPattern] = [
    page("trail/", views.trail, "trail", Action.SEE_PUBLISHED),
    page("trail/keep/", views.keep, "trail-keep", Action.SIGNED_IN),
    page("trail/<slug:figure>/", views.quoted, "trail-quoted", Action.SEE_PUBLISHED),
]
