"""What Prometheus reads: how many requests each page had and how long they took, and how the deployment is doing.

The processes of one site count together through files in the folder that ``PROMETHEUS_MULTIPROC_DIR`` names.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator

from django.http import HttpRequest, HttpResponseBase
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from shazhou.console.administration.health import Health

OWN = CollectorRegistry()
REQUESTS = Counter("shazhou_requests", "Requests by page and status.", ["page", "method", "status"], registry=OWN)
SECONDS = Histogram(
    "shazhou_request_seconds",
    "Time until the answer was there.",
    ["page"],
    registry=OWN,
    buckets=(0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 0.8, 1.5, 3, 6, 15, 60),
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def measured(following: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Counts and times each request under the name of its page; the middleware around all others."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response = following(request)
        match = request.resolver_match
        page = (match.view_name if match is not None else "") or "none"
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(page, method, str(response.status_code)).inc()
        SECONDS.labels(page).observe(time.perf_counter() - began)
        return response

    return middleware


def exposition(health: Health) -> bytes:
    """All measurements in the text format of Prometheus."""
    counted = OWN
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    state = CollectorRegistry()
    state.register(_State(health))
    return bytes(generate_latest(counted)) + bytes(generate_latest(state))


class _State:
    def __init__(self, health: Health) -> None:
        self._health = health

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges of the deployment; what is not known is left out."""
        health = self._health
        gauges: tuple[tuple[str, str, float | None], ...] = (
            ("shazhou_healthy", "Whether everything that the site needs is there.", float(health.ok)),
            ("shazhou_ledger_submissions", "Submissions in the ledger.", health.submissions),
            ("shazhou_ledger_bytes", "Bytes of the ledger on disk.", health.ledger_bytes),
            ("shazhou_disk_free_bytes", "Bytes free where the ledger lies.", health.disk_free),
            ("shazhou_returns_waiting", "Returns that wait for a review.", health.waiting),
            ("shazhou_people_active", "People who can sign in.", health.people),
            (
                "shazhou_last_backup_seconds",
                "When the last backup was made, in seconds since 1970.",
                health.backup.at.timestamp() if health.backup is not None else None,
            ),
        )
        for name, text, value in gauges:
            if value is not None:
                yield GaugeMetricFamily(name, text, value=value)
