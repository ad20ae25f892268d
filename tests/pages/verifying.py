"""A case that no paper proves, whose verification waits for the police."""

from collections.abc import Callable
from typing import Any

from deploy.stack.client import ApiClient

API = "/verification/v1/verifications"
DECLARED = {"type": "DECLARATION", "number": "01/TK-UBND", "issuer": "UBND", "issued_on": ""}

Opened = Callable[..., dict[str, Any]]
"""Has such a case received, `opened(on="2026-03-02")`: the case, with its `verification`."""


def opening(
    a_case: Callable[..., dict[str, Any]],
    client_of: Callable[[str], ApiClient],
    eventually: Callable[[Callable[[], bool]], None],
) -> Opened:
    """What has such cases received in an exchange."""

    def make(**changes: Any) -> dict[str, Any]:
        day = changes.pop("on", "2026-03-02")
        case = a_case(papers=[DECLARED | {"issued_on": day}], **changes)
        found: list[dict[str, Any]] = []

        def is_there() -> bool:
            answer = client_of("verifier").get(API, case_id=case["id"])
            found[:] = answer.json()["items"]
            return bool(found)

        eventually(is_there)
        return case | {"verification": found[0]}

    return make
