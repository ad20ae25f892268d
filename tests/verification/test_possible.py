"""Over HTTP: what a reader may do with a verification now, and which of them are open."""

from typing import Any

from fastapi.testclient import TestClient

from tests.verification.test_api import (
    BASE,
    CONCLUDE,
    Headers,
    Moves,
    Scene,
    listed,
    move,
    scene,
)

__all__ = ["move", "scene"]


def test_what_may_be_done_now_is_told_to_whoever_may_do_it(
    client: TestClient, scene: Scene, move: Moves
) -> None:
    def can(caller: Headers) -> dict[str, Any]:
        body = client.get(f"{BASE}/verifications/{scene.id}", headers=caller).json()
        assert body in client.get(f"{BASE}/verifications", headers=caller).json()["items"]
        return {each["move"]: each for each in body["can"]}

    assert can(scene.police).keys() == {"start"}
    assert can(scene.owner).keys() == {"assign"}
    assert move(scene.police, {"move": "start"}).status_code == 201
    told = can(scene.police)
    assert told.keys() == {"pause", "extend", "conclude"}
    assert "complex_case" in told["extend"]["reasons"]
    ends = {each["outcome"]: each for each in told["conclude"]["outcomes"]}
    assert ends["identified"]["reasons"] == []
    assert len(ends["identified"]["grounds"]) == 9
    assert ends["withdrawn"]["grounds"] == []
    assert "means_not_established" in ends["not_identified"]["reasons"]
    assert move(scene.police, CONCLUDE, version=2).status_code == 201
    assert can(scene.police).keys() == {"reopen", "complain"}


def test_what_is_concluded_is_left_out_of_what_is_open(
    client: TestClient, scene: Scene, move: Moves
) -> None:
    assert listed(client, scene.police, "?is_open=true") == [str(scene.id)]
    assert move(scene.police, {"move": "start"}).status_code == 201
    assert move(scene.police, CONCLUDE, version=2).status_code == 201
    assert listed(client, scene.police, "?is_open=true") == []
    assert listed(client, scene.police, "?is_open=false") == [str(scene.id)]
