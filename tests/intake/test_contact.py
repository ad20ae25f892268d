"""A person is reached only as they said, decided when a message would leave, and once."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from services.intake import domain, tasks
from services.intake.domain import DUTIES
from services.intake.models import ContactPoint, PersonMessage
from services.intake.policy import LegalPurpose
from shared.contracts import Message, PersonMessageAsked, PersonMessageConcluded, Queue
from shared.contracts.vocabulary import ContactRefusal, PersonMessageOutcome, Role
from shared.duties import find_duties
from shared.kit.audit import AUDIT
from shared.kit.crypto import MasterKeys
from shared.kit.database import Begin
from shared.messaging.envelope import Links
from shared.messaging.questions import SIGNATURE, Said, is_signed, sign
from tests.intake.acting import Open, Scene, owner_of, problem
from tests.intake.answers import TokenFor
from tests.intake.builders import NOON
from tests.intake.conftest import LINKS
from tests.subjects import somebody

CANARY = "+84987654321"
"""A number that must stand nowhere but in what is sealed."""
RULE: dict[str, Any] = {"ways": ["call", "message"], "hours": "11:00/13:00", "days": ["monday"]}
AT_NOTIFICATION = Links(Queue.NOTIFICATION, {"intake": "1"}, {"intake": {"1": bytes(32)}})

Do = Callable[..., Response]


@pytest.fixture
def do(client: TestClient, token_for: TokenFor, scene: Scene) -> Do:
    """Whoever owns the case does something with it."""

    def post(path: str, **body: Any) -> Response:
        answer: Response = client.post(
            f"/intake/v1/cases/{scene.case_id}/{path}",
            json=body or None,
            headers={**owner_of(token_for, scene), "Idempotency-Key": str(uuid4())},
        )
        return answer

    return post


def recorded(do: Do, **changes: Any) -> str:
    body = {"number": CANARY, "rule": RULE, "confirmed_on": "2026-03-02", **changes}
    answer = do("contact-points", **body)
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["id"]
    return found


def asked(do: Do, point_id: str) -> str:
    answer = do("person-messages", contact_point_id=point_id, says="call_known_number")
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["id"]
    return found


def ask_intake(client: TestClient, message_id: str) -> Response:
    """As notification asks."""
    question = orjson.dumps({"message_id": message_id})
    signature = sign(AT_NOTIFICATION, Queue.INTAKE, Said.QUESTION, question)
    headers = {"Content-Type": "application/json", SIGNATURE: signature}
    answer: Response = client.post("/intake/v1/contact-answers", content=question, headers=headers)
    return answer


def seen(client: TestClient, token_for: TokenFor, scene: Scene) -> dict[str, Any]:
    where = f"/intake/v1/cases/{scene.case_id}/contact"
    found: dict[str, Any] = client.get(where, headers=owner_of(token_for, scene)).json()
    return found


def duties(begin: Begin, scene: Scene, now: datetime) -> list[str]:
    owner = somebody(scene.ids["case_owner"], Role.CASE_OWNER)
    with begin() as session:
        found, _ = find_duties(session, DUTIES, subject=owner, now=now, after=None, size=50)
        return [str(each.what) for each in found if each.subject == "person_message"]


def test_a_message_is_told_of_by_ids_and_answered_once_when_it_leaves(
    do: Do, client: TestClient, told: Callable[[Queue], list[Message]]
) -> None:
    message_id = asked(do, recorded(do))
    (request,) = (it for it in told(Queue.NOTIFICATION) if isinstance(it, PersonMessageAsked))
    assert (str(request.message_id), request.send_at) == (message_id, NOON)
    answer = ask_intake(client, message_id)
    assert answer.json() == {
        "to": CANARY,
        "text": "Khi nào tiện, bạn gọi lại số bạn đã biết nhé.",
        "refusal": None,
    }
    signature = answer.headers[SIGNATURE]
    assert is_signed(AT_NOTIFICATION, Queue.INTAKE, Said.ANSWER, answer.content, signature)
    again = ask_intake(client, message_id).json()
    assert again == {"to": None, "text": None, "refusal": "answered_already"}


def test_each_disclosure_is_audited_and_no_number_stands_outside_what_is_sealed(
    do: Do, client: TestClient, begin: Begin, scene: Scene
) -> None:
    message_id = asked(do, recorded(do))
    ask_intake(client, message_id)
    ask_intake(client, message_id)
    with begin() as session:
        entries = session.execute(
            select(AUDIT).where(AUDIT.c.action == "contact.disclose").order_by(AUDIT.c.id)
        ).all()
        assert [each.outcome for each in entries] == ["given", "answered_already"]
        assert {each.object_id for each in entries} == {scene.case_id}
        assert {each.facts["message_id"] for each in entries} == {message_id}
        assert CANARY.removeprefix("+84") not in _everything(session)


def _everything(session: Session) -> str:
    """Every row of every table, as text; what is sealed is bytes."""
    tables = session.scalars(
        text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
    ).all()
    return "".join(
        str(session.scalar(text(f"SELECT coalesce(json_agg(t), '[]') FROM \"{name}\" AS t")))  # noqa: S608
        for name in tables
    )


def test_only_what_notification_has_signed_is_answered(do: Do, client: TestClient) -> None:
    message_id = asked(do, recorded(do))
    question = orjson.dumps({"message_id": message_id})
    other = orjson.dumps({"message_id": str(uuid4())})
    stranger = Links("notification", {"intake": "1"}, {"intake": {"1": bytes([1]) * 32}})
    for signature in (
        "",
        "1.",
        "2.00",
        sign(stranger, Queue.INTAKE, Said.QUESTION, question),
        sign(AT_NOTIFICATION, Queue.INTAKE, Said.QUESTION, other),
        sign(AT_NOTIFICATION, Queue.INTAKE, Said.ANSWER, question),
        sign(LINKS, Queue.NOTIFICATION, Said.QUESTION, question),
    ):
        refused = client.post(
            "/intake/v1/contact-answers",
            content=question,
            headers={"Content-Type": "application/json", SIGNATURE: signature},
        )
        assert problem(refused) == (401, "question-not-signed"), signature
    assert ask_intake(client, message_id).json()["to"] == CANARY


def withdraw(do: Do, point_id: str) -> None:
    assert do(f"contact-points/{point_id}/withdrawals").status_code == 201


def silence(do: Do, _point_id: str) -> None:
    assert do("risk-flags", reason="phone_watched").status_code == 201


def replace(do: Do, point_id: str) -> None:
    recorded(do, number="0912345670", replaces=point_id)


@pytest.mark.parametrize(
    ("happens", "refusal"),
    [
        (withdraw, ContactRefusal.ENDED),
        (silence, ContactRefusal.RISK_FLAG),
        (replace, ContactRefusal.ENDED),
    ],
)
def test_what_happens_between_asking_and_leaving_keeps_it_back_and_becomes_a_duty(
    *,
    do: Do,
    client: TestClient,
    token_for: TokenFor,
    scene: Scene,
    begin: Begin,
    happens: Callable[[Do, str], None],
    refusal: ContactRefusal,
) -> None:
    point_id = recorded(do)
    message_id = asked(do, point_id)
    assert duties(begin, scene, NOON) == []
    happens(do, point_id)
    assert ask_intake(client, message_id).json() == {"to": None, "text": None, "refusal": refusal}
    (message,) = seen(client, token_for, scene)["messages"]
    assert message.items() >= {"outcome": "cancelled", "refusal": refusal, "is_left": True}.items()
    assert duties(begin, scene, NOON) == ["reach_person"]
    assert do(f"person-messages/{message_id}/endings", how="met").status_code == 201
    assert not seen(client, token_for, scene)["messages"][0]["is_left"]
    assert duties(begin, scene, NOON) == []
    again = do(f"person-messages/{message_id}/endings", how="called")
    assert problem(again) == (409, "nothing-to-reach")


def answer_at(begin: Begin, keys: MasterKeys, message_id: str, at: datetime) -> Any:
    with begin() as session:
        return domain.answer_message(session, keys=keys, message_id=UUID(message_id), now=at)


def test_a_window_that_closes_before_the_message_leaves_keeps_it_back(
    do: Do, begin: Begin, keys: MasterKeys, scene: Scene
) -> None:
    message_id = asked(do, recorded(do))
    closes = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
    # The next Monday has the same hours, and is another window.
    for moment in (closes, closes + timedelta(days=7, hours=-1)):
        answer = answer_at(begin, keys, message_id, moment)
        assert (answer.to, answer.refusal) == (None, ContactRefusal.OUTSIDE_WINDOW)
    assert duties(begin, scene, closes) == ["reach_person"]


def test_a_message_waits_for_the_window_that_opens_next(
    do: Do, begin: Begin, keys: MasterKeys
) -> None:
    point_id = recorded(do, rule={**RULE, "hours": "22:00/02:00", "days": ["tuesday"]})
    message_id = asked(do, point_id)
    opens = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
    with begin() as session:
        message = session.get_one(PersonMessage, UUID(message_id))
        window = timedelta(hours=4)
        assert (message.send_at, message.send_before) == (opens, opens + window)
    with pytest.raises(domain_error("PersonMessageEarly")):
        answer_at(begin, keys, message_id, opens - timedelta(seconds=1))
    midnight_past = opens + timedelta(hours=3, minutes=59)
    assert answer_at(begin, keys, message_id, midnight_past).to == CANARY


def domain_error(name: str) -> type[Exception]:
    from services.intake import errors  # noqa: PLC0415

    found: type[Exception] = getattr(errors, name)
    return found


def test_a_window_that_passes_while_nobody_asks_is_a_duty_all_the_same(
    do: Do, begin: Begin, scene: Scene
) -> None:
    message_id = asked(do, recorded(do))
    closes = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
    assert duties(begin, scene, closes - timedelta(seconds=1)) == []
    assert duties(begin, scene, closes) == ["reach_person"]
    conclude(begin, scene, message_id, PersonMessageOutcome.DELIVERED)
    assert duties(begin, scene, closes) == []


def conclude(begin: Begin, scene: Scene, message_id: str, outcome: PersonMessageOutcome) -> None:
    told = PersonMessageConcluded(
        occurred_at=NOON,
        case_id=scene.case_id,
        message_id=UUID(message_id),
        outcome=outcome,
    )
    with begin() as session:
        tasks.note_person_message(session, told, NOON)


@pytest.mark.parametrize("outcome", PersonMessageOutcome)
def test_what_did_not_arrive_is_a_duty_and_what_did_is_none(
    do: Do, begin: Begin, scene: Scene, outcome: PersonMessageOutcome
) -> None:
    message_id = asked(do, recorded(do))
    conclude(begin, scene, message_id, outcome)
    has_arrived = outcome in {PersonMessageOutcome.SENT, PersonMessageOutcome.DELIVERED}
    assert duties(begin, scene, NOON) == ([] if has_arrived else ["reach_person"])


def test_of_a_message_that_this_database_has_forgotten_nothing_follows(
    begin: Begin, scene: Scene
) -> None:
    conclude(begin, scene, str(uuid4()), PersonMessageOutcome.UNKNOWN)
    with begin() as session:
        assert session.scalar(select(func.count()).select_from(PersonMessage)) == 0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"confirmed_on": None}, "unconfirmed"),
        ({"confirmed_on": "2026-01-30"}, None),
        ({"rule": {**RULE, "ways": ["call"]}}, "not_by_message"),
        ({"rule": {**RULE, "is_shared": True}}, "shared_device"),
    ],
)
def test_nothing_is_asked_for_where_nothing_may_be_sent(
    do: Do, changes: dict[str, Any], reason: str | None
) -> None:
    body = {"number": CANARY, "rule": RULE, "confirmed_on": "2026-03-02", **changes}
    body = {name: value for name, value in body.items() if value is not None}
    point = do("contact-points", **body)
    if reason is not None:
        refused = do(
            "person-messages", contact_point_id=point.json()["id"], says="appointment_moved"
        )
        assert problem(refused) == (409, "not-safely-reachable")
        assert refused.json()["reason"] == reason
    else:
        assert problem(point) == (422, "confirmed-too-late")


def test_there_is_no_text_but_those_of_the_list(do: Do) -> None:
    point_id = recorded(do)
    for body in ({"says": "Chị gọi lại nhé"}, {"says": "call_known_number", "note": "gọi lại"}):
        assert do("person-messages", contact_point_id=point_id, **body).status_code == 422


def test_who_reads_of_it_is_noted_and_reads_no_number(
    do: Do, client: TestClient, token_for: TokenFor, scene: Scene, begin: Begin
) -> None:
    point_id = recorded(do)
    found = client.get(
        f"/intake/v1/cases/{scene.case_id}/contact", headers=owner_of(token_for, scene)
    )
    assert CANARY.removeprefix("+84") not in found.text
    (point,) = found.json()["points"]
    assert (point["id"], point["confirmed_on"]) == (point_id, "2026-03-02")
    with begin() as session:
        noted = select(AUDIT.c.object_id).where(
            AUDIT.c.action == "GET /intake/v1/cases/{case_id}/contact"
        )
        assert session.scalars(noted).all() == [scene.case_id]


def phones(open_file: Open) -> dict[str, dict[str, Any]]:
    opened = open_file(LegalPurpose.CASE_MANAGEMENT).json()["person"]["phones"]
    return {each["number"]: each for each in opened}


def test_whoever_opens_the_file_reads_what_the_person_says_now(do: Do, open_file: Open) -> None:
    point_id = recorded(do)
    phone = phones(open_file)[CANARY]
    assert (phone["safe_to_call"], phone["point"]) == (True, 1)
    assert (phone["rule"]["days"], phone["rule"]["hours"]) == (["monday"], "11:00/13:00")
    silence(do, point_id)
    assert not any(each["safe_to_call"] for each in phones(open_file).values())
    assert do("risk-flags/endings", reason="person_says_safe").status_code == 201
    assert phones(open_file)[CANARY]["safe_to_call"]
    withdraw(do, point_id)
    assert not phones(open_file)[CANARY]["safe_to_call"]


def test_who_shelters_the_person_reads_the_same(do: Do, open_file: Open) -> None:
    def safe() -> list[str]:
        found: list[str] = open_file(LegalPurpose.SHELTER).json()["person"]["safe_phones"]
        return found

    point_id = recorded(do)
    assert safe() == [CANARY]
    silence(do, point_id)
    assert safe() == []


def test_a_number_holds_for_thirty_days_and_again_once_it_is_confirmed(
    do: Do, begin: Begin, scene: Scene
) -> None:
    point_id = recorded(do, confirmed_on="2026-02-01")
    answer = do(f"contact-points/{point_id}/confirmations", confirmed_on="2026-02-20")
    assert answer.json()["confirmed_on"] == "2026-02-20"
    # Heard of late: what was confirmed later stands.
    do(f"contact-points/{point_id}/confirmations", confirmed_on="2026-02-10")
    with begin() as session:
        point = session.get_one(ContactPoint, UUID(point_id))
        assert point.confirmed_on == date(2026, 2, 20)
    late = do(f"contact-points/{point_id}/confirmations", confirmed_on="2026-03-03")
    assert problem(late) == (422, "confirmed-too-late")


def test_what_ended_is_neither_confirmed_nor_replaced_nor_withdrawn_again(do: Do) -> None:
    point_id = recorded(do)
    withdraw(do, point_id)
    for path, body in (
        (f"contact-points/{point_id}/withdrawals", {}),
        (f"contact-points/{point_id}/confirmations", {"confirmed_on": "2026-03-02"}),
        ("contact-points", {"number": CANARY, "rule": RULE, "replaces": point_id}),
    ):
        assert problem(do(path, **body)) == (409, "contact-point-ended")
    nobodys = do(f"contact-points/{uuid4()}/withdrawals")
    assert problem(nobodys) == (404, "contact-point-not-found")


def test_a_flag_is_up_once_and_lowered_once(do: Do) -> None:
    silence(do, "")
    assert problem(do("risk-flags", reason="sought")) == (409, "already-silenced")
    assert do("risk-flags/endings", reason="moved_away").status_code == 201
    assert problem(do("risk-flags/endings", reason="moved_away")) == (409, "nothing-to-lower")
    silence(do, "")
