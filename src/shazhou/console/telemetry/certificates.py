"""The connection certificate of an enterprise and a month, made and signed when it is asked for."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from shazhou.city.problem import Refused
from shazhou.console.access.audit import log
from shazhou.console.evidence import current
from shazhou.console.telemetry import known
from shazhou.report.certificate.pdf import write_certificate
from shazhou.telemetry.certificate.certificate import certificate_of
from shazhou.telemetry.certificate.signature import city_key, signed, written

FORMS = {"json": "application/json", "pdf": "application/pdf"}


@require_safe
def certificate(request: HttpRequest, node: str, month: str, form: str) -> HttpResponse:
    """The certificate as a file; where there is nothing to certify, a page that says why."""
    city, store = current.city_or_none(), known.store()
    enterprise = known.register(current.head()).get(node) if city is not None else None
    if city is None or store is None or enterprise is None or form not in FORMS:
        raise Http404
    moment = datetime.fromtimestamp(known.now() / 1000, UTC)
    try:
        made = signed(certificate_of(store, current.ledger(), city, node, month, moment), city_key(store.folder))
        content = write_certificate(made) if form == "pdf" else written(made)
    except Refused as refused:
        return render(request, "telemetry/refused.html", {"problems": refused.problems, "node": node}, status=404)
    log(request, "exported", enterprise.entity, form=f"certificate {form}", month=month)
    answer = HttpResponse(content, FORMS[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="certificate-{node}-{month}.{form}"'
    return answer
