"""Whether an application answers as its OpenAPI document says, whatever it is asked.

Schemathesis makes requests that fit the document, and requests that do not. Each is sent to the
service's own application on a real PostgreSQL. Examples are the same in every run.
"""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

EXAMPLES = 8
"""Requests that fit an operation's description, and as many that do not."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)


def answers_as_described(
    client: TestClient,
    document: str,
    callers: Sequence[Mapping[str, str]],
    *,
    known: Mapping[str, Sequence[str]],
) -> int:
    """Ask every operation of a document; returns how many answers were held against it.

    ``known`` are ids of things that exist, by the name of the parameter that asks for them.
    """
    schema = schemathesis.openapi.from_dict(client.get(document).json())
    asked = 0
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        for mode in MODES:
            asked += _exercise(client, operation, mode, callers, known)
    return asked


def _exercise(
    client: TestClient,
    operation: "schemathesis.APIOperation[Any, Any, Any, Any]",
    mode: schemathesis.GenerationMode,
    callers: Sequence[Mapping[str, str]],
    known: Mapping[str, Sequence[str]],
) -> int:
    asked = 0

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
    def ask(case: "schemathesis.Case[Any]", data: st.DataObject) -> None:
        nonlocal asked
        asked += 1
        caller = data.draw(st.sampled_from(callers))
        for name in set(known) & set(case.path_parameters or {}):
            if data.draw(st.booleans()):
                case.path_parameters[name] = data.draw(st.sampled_from(known[name]))
        case.validate_response(_sent(client, case, caller), checks=CHECKS)

    # An operation that takes nothing cannot be asked wrongly.
    is_right = mode is schemathesis.GenerationMode.POSITIVE
    with nullcontext() if is_right else suppress(Unsatisfiable):
        ask()
    return asked


def _sent(client: TestClient, case: "schemathesis.Case[Any]", caller: Mapping[str, str]) -> Any:
    wanted = case.as_transport_kwargs(base_url="http://testserver")
    headers = {name: quote(value, safe='"*/,;=-:. ') for name, value in wanted["headers"].items()}
    # A key of its own, unless the example brings one: the same key would be a repeat.
    headers.setdefault("Idempotency-Key", str(uuid4()))
    wanted["headers"] = {**headers, **caller}
    wanted.pop("cookies", None)
    if isinstance(wanted.get("data"), bytes | str):
        wanted["content"] = wanted.pop("data")
    return client.request(**{name: value for name, value in wanted.items() if value is not None})
