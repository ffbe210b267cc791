"""Addresses of the work report."""

from __future__ import annotations

from django.urls import URLPattern

from shazhou.console.access.routing import page
from shazhou.console.access.rules import Action
from shazhou.console.report import views

urlpatterns: list[URLPattern] = [
    page("report/", views.report, "report", Action.SEE_PUBLISHED),
    page("report/file/", views.file, "report-file", Action.SEE_PUBLISHED),
    page("report/compare/", views.compare, "report-compare", Action.SEE_PUBLISHED),
]
