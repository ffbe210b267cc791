"""The ledger: its submissions, one submission, and its verification."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from shazhou.city.problem import Refused
from shazhou.console.access.audit import log
from shazhou.console.access.rules import Action, may
from shazhou.console.access.visitor import visitor_of
from shazhou.console.evidence import current, jobs, seen, submissions
from shazhou.console.ledger.verifying import MODULE, VERIFY
from shazhou.console.look.frame import language
from shazhou.ledger.documents import ERASURE, erased
from shazhou.ledger.withdraw import WITHDRAWAL

SUBMISSIONS_AT_ONCE = 50
ROWS_AT_ONCE = 100


@require_GET
def ledger(request: HttpRequest) -> HttpResponse:
    """The submissions, newest first. What one may not see stays in the list as a link of the chain without words."""
    try:
        chain = current.ledger().submissions(request.GET.get("as_of", "").strip() or None)
    except Refused as refused:
        says = [(each.says(language()), each.mend(language())) for each in refused.problems]
        return render(request, "ledger/refused.html", {"problems": says}, status=404)
    city = current.city_or_none()
    page = Paginator(chain[::-1], SUBMISSIONS_AT_ONCE).get_page(request.GET.get("page"))
    listed = list(page)
    withdrawn = submissions.withdrawals(listed)
    sees = seen.sees(visitor_of(request), listed)
    context = {
        "page": page,
        "lines": [(each, open_to, withdrawn.get(each.sequence)) for each, open_to in zip(listed, sees, strict=True)],
        "zone": city.zone if city else "UTC",
        "may_verify": may(visitor_of(request), Action.VERIFY),
        "erased": erased(chain),
    }
    return render(request, "ledger/ledger.html", context)


@require_GET
def submission(request: HttpRequest, sequence: int) -> HttpResponse:
    """One submission with its observations and what they changed."""
    found = submissions.submission(sequence)
    if found is None:
        raise Http404
    visitor = visitor_of(request)
    if not seen.sees(visitor, [found])[0]:
        if not visitor.signed_in:
            return redirect_to_login(request.get_full_path())
        raise PermissionDenied
    if not seen.is_public(found):
        log(request, "microdata seen", f"submission {sequence}")
    page = Paginator(range(found.count), ROWS_AT_ONCE).get_page(request.GET.get("page"))
    chain = current.ledger().submissions()
    changes = submissions.changes(found, page.start_index() - 1, ROWS_AT_ONCE) if found.count else ()
    context = {
        "submission": found,
        "page": page,
        "changes": changes,
        "names": submissions.names(changes),
        "withdrawn": submissions.withdrawals([found]).get(sequence),
        "order": erased(chain).get(found.document),
        "is_order": found.id.startswith((ERASURE, WITHDRAWAL)),
        "last": len(chain),
        "zone": current.city().zone,
    }
    return render(request, "ledger/submission.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Verification: started with a POST, told of with a GET, as often as one asks."""
    if request.method == "POST":
        expect = request.POST.get("expect", "").strip()[:64]
        log(request, "verified", current.head(), expect=expect)
        jobs.start(VERIFY, MODULE, str(settings.DEPLOYMENT.data), expect)
        return redirect("verify")
    template = "state" if request.headers.get("HX-Request") == "true" else "verify"
    state = jobs.state(VERIFY)
    return render(request, f"ledger/{template}.html", {"state": state, "zone": current.city().zone})
