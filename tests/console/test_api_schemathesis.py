"""The API against its own OpenAPI document: what the document allows and what it does not, made up at random."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import response_schema_conformance
from test_api_calls import new_token

from shazhou.console.api.site import document
from shazhou.console.wsgi import application

pytestmark = pytest.mark.slow

EXAMPLES = 25
CHECKED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
)


def operations() -> list[Any]:
    schema = schemathesis.openapi.from_dict(document())
    schema.app = application
    return [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]


@pytest.mark.parametrize("scope", ["", "microdata"])
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.label)
def test_no_call_is_a_fault(
    site: Client, signed_in: Callable[..., Client], operation: Any, mode: GenerationMode, scope: str
) -> None:
    # What calls the application in process does not unpack what it gets.
    headers = {"Accept-Encoding": "identity"}
    if scope:
        headers["Authorization"] = f"Bearer {new_token(signed_in('analyst'), scope)}"

    @CHECKED
    @given(data=st.data())
    def call(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        response = case.call(headers=headers)
        assert response.status_code < 500, case.as_curl_command()
        if response.status_code >= 400:
            assert response.headers["content-type"][0].startswith("application/problem+json"), case.as_curl_command()
        elif mode is GenerationMode.POSITIVE:
            case.validate_response(response, checks=[response_schema_conformance])

    call()
