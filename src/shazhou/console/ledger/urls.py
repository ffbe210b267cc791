"""Addresses of the ledger's pages."""

from __future__ import annotations

from django.urls import URLPattern

from shazhou.console.access.routing import page
from shazhou.console.access.rules import Action
from shazhou.console.ledger import views

urlpatterns: list[URLPattern] = [
    page("ledger/", views.ledger, "ledger", Action.SEE_PUBLISHED),
    page("ledger/<int:sequence>/", views.submission, "submission", Action.SEE_PUBLISHED),
    page("ledger/verify/", views.verify, "verify", Action.VERIFY),
]
