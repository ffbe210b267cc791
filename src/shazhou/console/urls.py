"""The addresses of the site; each room brings its own."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

from shazhou.console.access.urls import urlpatterns as access
from shazhou.console.administration.urls import urlpatterns as administration
from shazhou.console.api.urls import urlpatterns as api
from shazhou.console.definitions.urls import urlpatterns as definitions
from shazhou.console.desk.urls import urlpatterns as desk
from shazhou.console.documents.urls import urlpatterns as documents
from shazhou.console.entities.urls import urlpatterns as entities
from shazhou.console.indicators.urls import urlpatterns as indicators
from shazhou.console.ledger.urls import urlpatterns as ledger
from shazhou.console.overview.urls import urlpatterns as overview
from shazhou.console.registers.urls import urlpatterns as registers
from shazhou.console.release.urls import urlpatterns as release
from shazhou.console.report.urls import urlpatterns as report
from shazhou.console.telemetry.urls import urlpatterns as telemetry
from shazhou.console.trail.urls import urlpatterns as trail

urlpatterns: list[URLPattern | URLResolver] = [
    *overview,
    *desk,
    *indicators,
    *trail,
    *documents,
    *ledger,
    *release,
    *report,
    *definitions,
    *entities,
    *registers,
    *telemetry,
    *access,
    *administration,
    *api,
]
