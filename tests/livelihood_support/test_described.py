"""Every answer is one the OpenAPI document promises."""

from fastapi.testclient import TestClient

from tests.described import answers_as_described
from tests.livelihood_support.calls import Scene, TokenFor, read


def test_every_answer_is_as_described(
    client: TestClient, scene: Scene, token_for: TokenFor
) -> None:
    own = read(client, scene, scene.first).json()["id"]
    known = {"referral_id": [str(scene.referral_id), own], "case_id": [str(scene.case_id)]}
    callers = [scene.owner, scene.first, token_for("operator"), {}]
    asked = answers_as_described(client, "/livelihood-support/openapi.json", callers, known=known)
    assert asked > 70
