"""Errors as RFC 9457 has them: ``application/problem+json``, whatever went wrong and wherever, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from shazhou.city.problem import Refused

CONTENT_TYPE = "application/problem+json"
PREFIX = "/api/"

TITLES = {
    400: gettext_noop("The request cannot be understood."),
    401: gettext_noop("The token is missing, expired or revoked."),
    403: gettext_noop("Your roles or the scope of your token do not allow this."),
    404: gettext_noop("There is no such thing."),
    405: gettext_noop("This address does not take that method."),
    413: gettext_noop("The request is too large."),
    415: gettext_noop("The body must be JSON."),
    422: gettext_noop("What is asked for does not exist or does not fit together."),
    500: gettext_noop("Something went wrong here. Please tell the administrator when it happened."),
}
OTHER = gettext_noop("The request was not answered.")


class Failure(Exception):
    """An error with a status."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(status)


def problem(request: HttpRequest, status: int, rule: str = "", **more: Any) -> JsonResponse:
    """The answer for an error. ``type`` names the rule that was broken, or is about:blank where the status says it all;
    ``texts`` has the title in Chinese and English, ``title`` in the language asked for."""
    words = TITLES.get(status, OTHER)
    body = {
        "type": f"urn:shazhou:problem:{rule}" if rule else "about:blank",
        "title": gettext(words),
        "status": status,
        "instance": request.path,
        "texts": {"zh": _in("zh-hans", words), "en": _in("en", words)},
        **more,
    }
    response = JsonResponse(body, status=status, content_type=CONTENT_TYPE, json_dumps_params={"ensure_ascii": False})
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="shazhou"'
    return response


def refused(request: HttpRequest, error: Refused, status: int = 422) -> JsonResponse:
    """The answer for a refusal: each of its problems with what is wrong and how to mend it, in both languages."""
    found = [each.as_dict() for each in error.problems]
    language = "zh" if translation.get_language().startswith("zh") else "en"
    detail = " ".join(f"{each[language]} {each[f'mend_{language}']}" for each in found)
    return problem(request, status, str(found[0]["rule"]) if found else "", detail=detail, problems=found)


def invalid(request: HttpRequest, errors: Sequence[Mapping[str, Any]]) -> JsonResponse:
    """The answer for parameters or a body that break the schema."""
    found = [{"where": [str(each) for each in error["loc"]], "says": str(error["msg"])} for error in errors]
    return problem(request, 422, "schema", errors=found)


def middleware(following: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Errors below the API that nothing else has dressed: no such address, no such method, a fault."""

    def dressed(request: HttpRequest) -> HttpResponseBase:
        response = following(request)
        if not request.path.startswith(PREFIX) or response.status_code < 400 or _is_dressed(response):
            return response
        found = problem(request, response.status_code)
        for header in ("Allow", "Retry-After"):
            if response.has_header(header):
                found[header] = response[header]
        return found

    return dressed


def _is_dressed(response: HttpResponseBase) -> bool:
    return isinstance(response, HttpResponse) and response.get("Content-Type", "").startswith(CONTENT_TYPE)


def _in(language: str, words: str) -> str:
    with translation.override(language):
        return gettext(words)
