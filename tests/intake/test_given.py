"""What was given to a person directly is a line of the story: to a receiver only its kind."""

from uuid import UUID, uuid4

from fastapi.testclient import TestClient

from services.intake import tasks
from services.intake.models import Case
from shared.kit.database import Begin
from tests.intake.acting import Scene, owner_of
from tests.intake.answers import CASES, TokenFor
from tests.intake.builders import NOON
from tests.intake.messages import provided, voided


def test_it_is_told_whole_to_the_owner_and_to_the_receiver_as_a_kind_of_need(
    client: TestClient, scene: Scene, begin: Begin, token_for: TokenFor
) -> None:
    giver = uuid4()
    told = provided(scene.case_id, uuid4(), giver)
    with begin() as session:
        tasks.note_provisions(session, [told], NOON)
        tasks.note_provision_corrections(session, [voided(told)], NOON)
        receiver_id = session.get_one(Case, scene.case_id).receiver_id

    def read(headers: dict[str, str], path: str) -> list[tuple[str, str | None, str | None, str]]:
        told = client.get(f"{CASES}/{scene.case_id}/{path}", headers=headers).json()
        items = told["steps"] if path == "journey" else told["items"]
        return [
            (it["kind"], it["code"], it["organisation_id"], it["need"])
            for it in items
            if it["kind"].startswith("provision")
        ]

    recorded = ("provision_recorded", "PSYCHOLOGICAL", str(giver), "HEALTH")
    corrected = ("provision_corrected", "PSYCHOLOGICAL", None, "HEALTH")
    owner = owner_of(token_for, scene)
    receiver = token_for("receiver", organisation_id=UUID(str(receiver_id)))
    assert read(owner, "timeline") == [corrected, recorded]
    assert read(owner, "timeline?main=true") == [recorded]
    kinds = [(kind, None, None, "HEALTH") for kind in ("provision_recorded", "provision_corrected")]
    assert read(receiver, "journey") == kinds
    assert read(receiver, "timeline") == kinds[::-1]
