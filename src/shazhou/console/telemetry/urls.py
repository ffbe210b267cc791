"""Addresses of the machine side. Who may see a single enterprise's presence is who may see what it reports."""

from __future__ import annotations

from django.urls import URLPattern

from shazhou.console.access.routing import page
from shazhou.console.access.rules import Action
from shazhou.console.telemetry import certificates, views
from shazhou.console.telemetry.known import subject

NODE = "online/<str:node>/"
CERTIFICATE = f"{NODE}certificate/<str:month>/<slug:form>/"

urlpatterns: list[URLPattern] = [
    page("online/", views.wall, "online", Action.SEE_PUBLISHED),
    page(NODE, views.enterprise, "online-enterprise", Action.SEE_MICRODATA, subject),
    page(f"{NODE}<str:device>/", views.machine, "online-machine", Action.SEE_MICRODATA, subject),
    page(CERTIFICATE, certificates.certificate, "online-certificate", Action.SEE_MICRODATA, subject),
]
