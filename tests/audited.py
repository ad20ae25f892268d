"""What an auditor reads of a case, over HTTP."""

from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient


def entries(
    client: TestClient, base: str, headers: dict[str, str], case_id: UUID | str, **query: Any
) -> list[dict[str, Any]]:
    """The first page of the entries of a case."""
    asked = {"case_id": str(case_id), **query}
    answer = client.get(f"{base}/audit-entries", params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    assert items == sorted(items, key=lambda it: it["id"], reverse=True)
    return items
