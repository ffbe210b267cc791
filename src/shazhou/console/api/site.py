"""The API put together, with its OpenAPI document."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from shazhou.city.problem import Refused
from shazhou.console.api import definitions, figures, presence, records
from shazhou.console.api.problems import CONTENT_TYPE, Failure, invalid, problem, refused
from shazhou.console.api.schemas import ProblemOut

VERSION = "1.0.0"
ROOT = "api/v1/"

ABOUT = """Everything that the pages of this site show, for programs.

Without a token one sees what the public sees. A token is made on the page of one's account and sent as
`Authorization: Bearer shazhou_…`; it lets its program do no more than its person may, and no more than its scope.
Numbers are decimal strings. Lists come in pages: send `next` back as `cursor`. `as_of` takes a time or a head.
Errors are `application/problem+json` (RFC 9457) in Chinese and English."""

api = NinjaAPI(title="Shazhou", version=VERSION, description=ABOUT, docs_url=None, openapi_url=None)
for _room in (definitions, figures, presence, records):
    api.add_router("", _room.router)


@api.exception_handler(Refused)
def _refused(request: HttpRequest, error: Refused) -> HttpResponse:
    return refused(request, error)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return invalid(request, error.errors)


@api.exception_handler(Failure)
def _failed(request: HttpRequest, error: Failure) -> HttpResponse:
    return problem(request, error.status)


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(request, error.status_code)


def routes() -> list[URLPattern | URLResolver]:
    """The operations as routes, without the pages that ninja brings along."""
    found, _app, _namespace = api.urls
    return [each for each in found if getattr(each, "name", "") != "api-root"]


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document, with the errors that every operation can answer and the tokens."""
    found: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=f"/{ROOT}"))
    schemas = found["components"]["schemas"]
    whole = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= whole.pop("$defs", {})
    schemas["ProblemOut"] = whole
    answer = {"content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}}
    for path in found["paths"].values():
        for operation in path.values():
            codes = {400: "Not understood", 401: "No valid token", 403: "Not allowed", 422: "Refused"}
            codes |= {404: "Not found"}
            for code, words in codes.items():
                operation["responses"][str(code)] = {"description": words, **answer}
            operation["security"] = [{}, {"token": []}]
    found["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    found["servers"] = []
    return found
