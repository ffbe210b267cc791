"""Addresses of the indicators."""

from __future__ import annotations

from django.urls import URLPattern

from shazhou.console.access.routing import page
from shazhou.console.access.rules import Action
from shazhou.console.indicators import views

urlpatterns: list[URLPattern] = [
    page("indicators/", views.indicators, "indicators", Action.SEE_PUBLISHED),
    page("indicators/figures.csv", views.as_csv, "indicators-csv", Action.SEE_PUBLISHED),
    page("indicators/figures.xlsx", views.as_xlsx, "indicators-xlsx", Action.SEE_PUBLISHED),
]
