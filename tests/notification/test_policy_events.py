"""Who learns what, in CloudEvents that carry ids and codes and nothing else."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import jsonschema
import pytest

from services.notification.policy import (
    Event,
    EventType,
    body_of,
    news_of_alert,
    news_of_conclusion,
    news_of_move,
    news_of_opening,
    news_of_plan,
    news_of_receptions,
    news_of_revision,
    on_move,
    on_purge,
    on_reply,
    on_request,
    on_verification_concluded,
    on_verification_opened,
)
from services.notification.policy.events import EXTENSION_NAME
from shared.contracts import ReferralMoved
from shared.contracts.vocabulary import EntitlementCode, ReasonCode, ReferralStatus
from shared.kit.identifiers import new_id
from tests.notification.builders import Told
from tests.notification.replying import replied
from tests.published import published

TOLD = Told(datetime(2026, 3, 2, 5, 0, tzinfo=UTC))
AGENCY, OWNER = new_id(), new_id()
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

MOVES = [
    TOLD.move(status=status, reason=reason)
    for status in ReferralStatus
    for reason in (None, ReasonCode.CONSENT_WITHDRAWN, ReasonCode.CAPACITY)
]
REQUEST = TOLD.request()
EVENTS = [
    on_request(REQUEST, REQUEST),
    on_request(TOLD.plan(), TOLD.request()),
    *on_purge(TOLD.purge()),
    *on_verification_opened(TOLD.opened()),
    *on_verification_concluded(TOLD.concluded(), agency_id=AGENCY),
    *(event for told in MOVES for event in on_move(told, agency_id=AGENCY)),
    *(news.to(OWNER) for news in news_of_receptions({new_id(): TOLD.reception()})),
    news_of_opening(TOLD.opened()).to(OWNER),
    news_of_conclusion(TOLD.concluded()).to(OWNER),
    news_of_plan(TOLD.plan()).to(OWNER),
    news_of_revision(TOLD.revised()).to(OWNER),
    news_of_alert(TOLD.alert()).to(OWNER),
    news_of_alert(TOLD.urgent()).to(OWNER),
    news_of_alert(TOLD.standstill()).to(OWNER),
    *(news_of_move(told).to(OWNER) for told in MOVES),
]

CONTEXT = {"specversion", "id", "source", "type", "subject", "time", "datacontenttype", "data"}
FACTS = {
    "case_id", "referral_id", "offer_id", "programme_id", "verification_id", "code", "status",
    "version", "reason", "outcome", "regime", "link", "need", "case_code", "plan_id",
    "alert_id", "revision_id", "kind", "must_act", "since", "alert", "answer_not_due_before",
}  # fmt: skip


def body(event: Event, traceparent: str = TRACE) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(
        json.dumps(body_of(event, delivery_id=new_id(), traceparent=traceparent), default=str)
    )
    return made


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_every_body_is_a_cloud_event(event: Event) -> None:
    schema = published("cloudevents.schema.json")
    jsonschema.validate(
        body(event), schema, format_checker=jsonschema.FormatChecker(["date-time", "uri-reference"])
    )


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_extensions_are_named_as_the_specification_says(event: Event) -> None:
    extensions = set(body(event)) - CONTEXT
    assert extensions == {"dataclassification", "traceparent"}
    assert all(EXTENSION_NAME.fullmatch(name) for name in extensions)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_an_event_says_to_the_minute_when_it_was(event: Event) -> None:
    at = event.occurred_at.replace(second=59, microsecond=999_999)
    told = body(replace(event, occurred_at=at))["time"]
    assert told == at.strftime("%Y-%m-%dT%H:%M:00Z")


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_a_body_holds_ids_codes_and_a_path_only(event: Event) -> None:
    data = body(event)["data"]
    assert set(data) <= FACTS
    for name, value in data.items():
        if name.endswith("_id"):
            UUID(value)
        elif name == "version":
            assert isinstance(value, int)
        elif name in {"since", "answer_not_due_before"}:
            assert value.endswith(":00Z")
        else:
            assert re.fullmatch(
                r"[A-Za-z0-9_-]+|(/[a-z0-9-]+)+(\?case_id=[0-9a-f-]{36})?", value
            ), name


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_a_body_is_thin(event: Event) -> None:
    assert len(json.dumps(body(event))) < 1000


def test_a_request_says_before_when_an_answer_is_in_time_if_that_is_known() -> None:
    due = datetime(2026, 3, 17, 16, 59, 59, tzinfo=UTC)
    told = TOLD.request(answer_not_due_before=due)
    data = body(on_request(told, told))["data"]
    assert data["answer_not_due_before"] == "2026-03-17T16:59:00Z"
    plan = TOLD.plan(answer_not_due_before=due)
    assert on_request(plan, told).data["answer_not_due_before"] == "2026-03-17T16:59:00Z"
    unset = TOLD.request()
    assert "answer_not_due_before" not in on_request(unset, unset).data


def test_the_organisation_asked_does_not_learn_which_case_it_is() -> None:
    told = TOLD.request()
    event = on_request(told, told)
    assert event.organisation_id == told.organisation_id
    assert str(told.case_id) not in json.dumps(body(event))
    owed = TOLD.purge()
    (purge,) = on_purge(owed)
    assert str(owed.case_id) not in json.dumps(body(purge))
    withdrawn = TOLD.move(status=ReferralStatus.CANCELLED, reason=ReasonCode.CONSENT_WITHDRAWN)
    for_asked, _ = on_move(withdrawn, agency_id=AGENCY)
    assert for_asked.organisation_id == withdrawn.organisation_id
    assert str(withdrawn.case_id) not in json.dumps(body(for_asked))


@pytest.mark.parametrize("told", MOVES, ids=lambda told: told.status)
@pytest.mark.parametrize("code", [EntitlementCode.MEDICAL, EntitlementCode.PSYCHOLOGICAL])
def test_the_agency_does_not_learn_of_whom_nor_what_ails_the_person(
    told: ReferralMoved, code: EntitlementCode
) -> None:
    about = told.model_copy(update={"code": code})
    for_agency = on_move(about, agency_id=AGENCY)[-1]
    assert for_agency.organisation_id == AGENCY
    assert for_agency.data["need"] == "HEALTH"
    said = json.dumps(body(for_agency))
    hidden = (about.referral_id, about.offer_id, about.organisation_id, code)
    assert not [it for it in map(str, hidden) if it in said]


@pytest.mark.parametrize("status", list(ReferralStatus))
def test_the_agency_learns_every_move_and_the_asked_those_it_did_not_make(
    status: ReferralStatus,
) -> None:
    told = TOLD.move(status=status)
    receivers = [event.organisation_id for event in on_move(told, agency_id=AGENCY)]
    is_requesters = status in {ReferralStatus.CANCELLED, ReferralStatus.ENTERED_IN_ERROR}
    assert receivers == ([told.organisation_id, AGENCY] if is_requesters else [AGENCY])


def test_a_withdrawn_consent_asks_for_deletion_and_tells_the_agency_of_a_move() -> None:
    told = TOLD.move(status=ReferralStatus.CANCELLED, reason=ReasonCode.CONSENT_WITHDRAWN)
    assert [event.type for event in on_move(told, agency_id=AGENCY)] == [
        EventType.REFERRAL_PURGE,
        EventType.REFERRAL_MOVED,
    ]


def test_every_purge_has_the_same_facts_whatever_asked_for_it() -> None:
    told = TOLD.move(status=ReferralStatus.CANCELLED, reason=ReasonCode.CONSENT_WITHDRAWN)
    (owed,) = on_purge(TOLD.purge())
    assert set(owed.data) == set(on_move(told, agency_id=AGENCY)[0].data)
    assert owed.data["reason"] == "consent_withdrawn"


def test_who_asked_learns_that_there_is_a_reply_and_no_more_than_ids() -> None:
    told = replied(TOLD.now)
    event = on_reply(told)
    assert (event.organisation_id, event.type) == (
        told.organisation_id,
        EventType.REFERRAL_QUESTION_ANSWERED,
    )
    assert event.data.keys() == {"referral_id", "offer_id", "question_id", "code", "link"}
    said = json.dumps(body(event))
    assert str(told.case_id) not in said
    assert str(told.referral_id) not in said
    assert on_reply(told).effect_key == event.effect_key != on_reply(replied(TOLD.now)).effect_key


def test_a_move_with_nobody_asked_is_told_to_the_agency_only() -> None:
    told = TOLD.move(status=ReferralStatus.CANCELLED, organisation_id=None, offer_id=None)
    assert [event.organisation_id for event in on_move(told, agency_id=AGENCY)] == [AGENCY]


def test_a_verification_without_an_authority_is_told_to_nobody() -> None:
    assert on_verification_opened(TOLD.opened(verifier_id=None)) == []


def test_the_same_thing_for_the_same_organisation_is_one_effect() -> None:
    told = TOLD.move()
    once, again = on_move(told, agency_id=AGENCY), on_move(told, agency_id=AGENCY)
    assert [event.effect_key for event in once] == [event.effect_key for event in again]


def test_different_things_are_different_effects() -> None:
    """An authority that also submitted the case learns of the opening and of the end."""
    opened = TOLD.opened(verifier_id=AGENCY)
    ended = TOLD.concluded(verification_id=opened.verification_id, case_id=opened.case_id)
    events = [*EVENTS, *on_verification_opened(opened)]
    events += on_verification_concluded(ended, agency_id=AGENCY)
    assert len({event.effect_key for event in events}) == len(events)


def test_an_effect_key_fits_its_column() -> None:
    assert max(len(event.effect_key) for event in EVENTS) <= 160
