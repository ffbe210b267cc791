"""Addresses of documents."""

from __future__ import annotations

from django.urls import URLPattern

from shazhou.console.access.routing import page
from shazhou.console.access.rules import Action
from shazhou.console.documents import views

urlpatterns: list[URLPattern] = [
    page("documents/<slug:sha256>/", views.document, "document", Action.SEE_PUBLISHED),
    page("documents/<slug:sha256>/original/", views.original, "document-original", Action.SEE_PUBLISHED),
]
