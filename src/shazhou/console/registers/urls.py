"""Addresses of the registers."""

from __future__ import annotations

from django.urls import URLPattern

from shazhou.console.access.routing import page
from shazhou.console.access.rules import Action
from shazhou.console.registers import views

urlpatterns: list[URLPattern] = [
    page("registers/", views.registers, "registers", Action.SEE_PUBLISHED),
    page("registers/<slug:kind>/", views.register, "register", Action.SEE_PUBLISHED),
    page("registers/<slug:kind>/csv/", views.export_csv, "register-csv", Action.SEE_PUBLISHED),
    page("registers/<slug:kind>/xlsx/", views.export_xlsx, "register-xlsx", Action.SEE_PUBLISHED),
]
