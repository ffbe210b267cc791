"""Addresses of the desk."""

from __future__ import annotations

from django.urls import URLPattern

from shazhou.console.access.routing import page
from shazhou.console.access.rules import Action
from shazhou.console.desk import files, views
from shazhou.console.desk.asked import subject

RETURN = "desk/<slug:collection>/<str:entity>/<str:period>/"

urlpatterns: list[URLPattern] = [
    page("desk/", views.desk, "desk", Action.SIGNED_IN),
    page("desk/burden/", views.burden, "desk-burden", Action.SIGNED_IN),
    page(RETURN, views.return_, "desk-return", Action.SEE_MICRODATA, subject),
    page(f"{RETURN}act/", views.act, "desk-act", Action.SEE_MICRODATA, subject),
    page(f"{RETURN}cell/<slug:variable>/", views.cell, "desk-cell", Action.SEE_MICRODATA, subject),
    page(f"{RETURN}template/", files.template, "desk-template", Action.SEE_MICRODATA, subject),
    page(f"{RETURN}upload/", files.take, "desk-upload", Action.SEE_MICRODATA, subject),
    page(f"{RETURN}marked/", files.marked, "desk-marked", Action.SEE_MICRODATA, subject),
]
