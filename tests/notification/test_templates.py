"""What notices say is written by one person and published by another, and kept in versions."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from services.notification.models import Template
from shared.contracts.vocabulary import ChannelKind
from shared.kit.audit import AUDIT
from shared.kit.database import Begin
from tests.conftest import NOON
from tests.notification.builders import Post
from tests.notification.drafting import (
    BASE,
    REQUESTED,
    Headers,
    draft,
    problem,
    publish,
    said,
    send,
)

TokenFor = Callable[..., dict[str, str]]


@pytest.fixture
def writer(token_for: TokenFor) -> Headers:
    return token_for("administrator", client_id="writer")


@pytest.fixture
def publisher(token_for: TokenFor) -> Headers:
    return token_for("administrator", client_id="publisher")


@pytest.fixture
def school(begin: Begin) -> UUID:
    """An organisation that the directory has told of, with a phone on duty."""
    school_id = uuid4()
    with begin() as session:
        post = Post(session, NOON)
        post.hand(post.told.organisation(school_id, code=f"school-{school_id}"))
        post.texted(school_id)
    return school_id


def rules(answer: Response) -> set[tuple[str, str]]:
    return {(each["pointer"], each["rule"]) for each in answer.json()["errors"]}


def texts(begin: Begin, organisation_id: UUID) -> tuple[str | None, int | None, UUID | None]:
    """What the next text to an organisation says, and what is written down of it."""
    with begin() as session:
        post = Post(session, NOON)
        post.requested(organisation_id)
        (claimed,) = post.claim()
        found = session.execute(
            text("SELECT template_id, template_version FROM deliveries WHERE id = :id"),
            {"id": claimed.delivery_id},
        ).one()
        post.record([claimed], 202)
        words = claimed.wording.text if claimed.wording else None
        return words, found.template_version, found.template_id


def test_where_nothing_was_published_it_is_built_in_and_that_is_written_down(
    begin: Begin, school: UUID, client: TestClient, writer: Headers
) -> None:
    assert texts(begin, school) == (None, 0, None)
    read = client.get(f"{BASE}/templates/{REQUESTED}/sms", headers=writer).json()
    assert (read["number"], read["version_id"], read["is_own"]) == (0, None, False)
    assert read["wording_vi"] == "Có việc mới cần xử lý. Mã: {{ code }}. Xem trên trang làm việc."
    vietnamese, english = read["previews"]
    assert vietnamese["plain"] == ("Có việc mới cần xử lý. Mã: 019CD0B4. Xem trên trang làm việc.")
    assert (vietnamese["encoding"], vietnamese["segments"], english["encoding"]) == (
        "ucs2", 1, "gsm7",
    )  # fmt: skip
    listed = client.get(f"{BASE}/templates", headers=writer).json()["items"]
    assert len(listed) == 26
    assert {each["number"] for each in listed} == {0}


def test_a_mail_is_previewed_as_plain_text_and_as_html(client: TestClient, writer: Headers) -> None:
    read = client.get(f"{BASE}/templates/{REQUESTED}/email", headers=writer).json()
    vietnamese = read["previews"][0]
    assert vietnamese["subject"] == "Nhịp Cầu: Có đề nghị tiếp nhận"
    assert "https://nhipcau.example/answer/vi-du" in vietnamese["plain"]
    assert "<p>Có đề nghị tiếp nhận.</p>" in vietnamese["html"]
    assert {each["name"] for each in read["placeholders"] if each["is_mandatory"]} == {
        "answer", "page",
    }  # fmt: skip


def test_a_draft_is_said_once_another_person_has_published_it(
    begin: Begin, school: UUID, client: TestClient, writer: Headers, publisher: Headers
) -> None:
    made = draft(client, writer, "Anh chị có việc mới, mã {{ code }}.")
    assert texts(begin, school) == (None, 0, None)
    assert problem(publish(client, writer, made)) == (409, "another-must-confirm")
    assert publish(client, publisher, made).status_code == 201
    expected = ("Anh chị có việc mới, mã {{ code }}.", 1, UUID(made["id"]))
    assert texts(begin, school) == expected
    assert problem(publish(client, publisher, made)) == (409, "draft-concluded")
    with begin() as session:
        told = session.execute(
            select(AUDIT.c.action, AUDIT.c.actor, AUDIT.c.outcome, AUDIT.c.facts)
            .where(AUDIT.c.object_id == UUID(made["id"]))
            .where(AUDIT.c.action.startswith("template."))
            .order_by(AUDIT.c.id)
        ).all()
    assert [(each.action, each.actor) for each in told] == [
        ("template.drafted", "client:writer"),
        ("template.published", "client:publisher"),
    ]
    assert told[-1].facts["drafted_by"] == "client:writer"
    assert "việc mới" not in str([each.facts for each in told])


def test_published_is_what_was_read(
    client: TestClient, writer: Headers, publisher: Headers
) -> None:
    made = draft(client, writer, "Anh chị có việc mới, mã {{ code }}.")
    path = f"/template-versions/{made['id']}"
    other = {k: v for k, v in said("Mã {{ code }}.").items() if k not in {"kind", "channel"}}
    changed = send(client, writer, path, other, version=1, method="PUT")
    assert changed.status_code == 200, changed.text
    assert problem(publish(client, publisher, made)) == (412, "version-changed")
    assert publish(client, publisher, changed.json()).json()["wording_vi"] == "Mã {{ code }}."


def test_only_whoever_wrote_a_draft_changes_it_and_others_discard_it(
    client: TestClient, writer: Headers, publisher: Headers
) -> None:
    made = draft(client, writer, "Mã {{ code }}.")
    path = f"/template-versions/{made['id']}"
    other = {k: v for k, v in said("Mới: {{ code }}.").items() if k not in {"kind", "channel"}}
    refused = send(client, publisher, path, other, version=1, method="PUT")
    assert problem(refused) == (403, "draft-of-another")
    again = send(client, publisher, "/template-versions", said("Mới: {{ code }}."))
    assert problem(again) == (409, "draft-stands")
    assert send(client, publisher, f"{path}/discards").json()["state"] == "discarded"
    assert draft(client, publisher, "Mới: {{ code }}.")["number"] == 2


@pytest.mark.parametrize(
    ("facts", "wrong"),
    [
        ({"wording_vi": "Có việc mới."}, ("/wording_vi", "template_missing")),
        ({"wording_en": "Something new."}, ("/wording_en", "template_missing")),
        ({"wording_en": "{{ code }} by {{ due }}"}, ("/wording_en", "template_unknown")),
        ({"wording_en": None}, ("/wording_en", "template_empty")),
        ({"wording_vi": "{{ code }} {{"}, ("/wording_vi", "template_braces")),
        ({"subject_vi": "Việc mới"}, ("/subject_vi", "template_too_long")),
        ({"wording_vi": "{{ code }} " + "ạ" * 400}, ("/wording_vi", "template_segments")),
        ({"wording_vi": "Mời nạn nhân, {{ code }}"}, ("/wording_vi", "template_telling_vi")),
        ({"wording_en": "{{ code }} shelter"}, ("/wording_en", "template_telling_en")),
        ({"wording_en": "{{ code }} UBND"}, ("/wording_en", "template_telling")),
        ({"wording_vi": "{{ code }} vidu.vn"}, ("/wording_vi", "template_link")),
    ],
)
def test_what_could_not_be_sent_is_refused_when_it_is_written(
    client: TestClient, writer: Headers, facts: dict[str, Any], wrong: tuple[str, str]
) -> None:
    answer = send(client, writer, "/template-versions", said("Mã {{ code }}.", **facts))
    assert problem(answer) == (422, "template-refused")
    assert rules(answer) == {wrong}


def test_a_telling_word_is_named_and_not_what_was_typed(
    client: TestClient, writer: Headers
) -> None:
    body = said("moi n a n n h a n den C.T.X.H, ma {{ code }}")
    vietnamese = writer | {"Accept-Language": "vi"}
    answer = send(client, vietnamese, "/template-versions", body)
    messages = [each["message"] for each in answer.json()["errors"]]
    assert any("từ tiếng Việt “nạn nhân”" in each for each in messages), messages
    assert any("“CTXH”" in each for each in messages), messages
    assert "n a n" not in answer.text


def test_an_organisation_says_its_own_and_comes_back_to_what_all_say(
    *, begin: Begin, school: UUID, client: TestClient, token_for: TokenFor,
    writer: Headers, publisher: Headers,
) -> None:  # fmt: skip
    manager, deputy = (
        token_for("manager", organisation_id=school, client_id=who) for who in ("one", "two")
    )
    own = draft(client, manager, "Trường có việc, mã {{ code }}.", organisation_id=str(school))
    assert publish(client, deputy, own).status_code == 201
    assert texts(begin, school)[:2] == ("Trường có việc, mã {{ code }}.", 1)
    with begin() as session:
        other = Post(session, NOON).texted()
    assert texts(begin, other) == (None, 0, None)
    of_all = draft(client, writer, "Mã {{ code }}.")
    publish(client, publisher, of_all)
    assert texts(begin, other)[0] == "Mã {{ code }}."
    assert texts(begin, school)[0] == "Trường có việc, mã {{ code }}."
    back = send(
        client, manager, "/template-versions",
        {"kind": REQUESTED, "channel": "sms", "organisation_id": str(school),
         "reason": "back_to_earlier"},
    ).json()  # fmt: skip
    assert back["is_fallback"] is True
    read = client.get(f"{BASE}/template-versions/{back['id']}", headers=deputy).json()
    assert read["previews"][0]["plain"] == "Mã 019CD0B4."
    publish(client, deputy, back)
    assert texts(begin, school) == ("Mã {{ code }}.", 1, UUID(of_all["id"]))
    read = client.get(
        f"{BASE}/templates/{REQUESTED}/sms?organisation_id={school}", headers=manager
    ).json()
    assert (read["wording_vi"], read["is_own"], read["number"]) == ("Mã {{ code }}.", False, 1)


def test_a_manager_reaches_the_texts_of_the_own_organisation_only(
    begin: Begin, school: UUID, client: TestClient, token_for: TokenFor, writer: Headers
) -> None:
    manager = token_for("manager", organisation_id=school, client_id="one")
    with begin() as session:
        other = uuid4()
        post = Post(session, NOON)
        post.hand(post.told.organisation(other, code="other"))
    assert client.get(f"{BASE}/templates", headers=manager).status_code == 200
    theirs = client.get(f"{BASE}/templates?organisation_id={other}", headers=manager)
    assert problem(theirs) == (404, "template-not-found")
    for whose in (None, str(other)):
        body = said("Mã {{ code }}.", organisation_id=whose)
        answer = send(client, manager, "/template-versions", body)
        assert problem(answer) == (404, "template-not-found")
    nobody = said("Mã {{ code }}.", organisation_id=str(uuid4()))
    answer = send(client, writer, "/template-versions", nobody)
    assert problem(answer) == (404, "organisation-not-found")
    hook = send(client, writer, "/template-versions", said("Mã {{ code }}.", channel="webhook"))
    assert problem(hook) == (404, "template-not-found")


def test_history_tells_who_wrote_and_who_published_each_version_and_why(
    begin: Begin, school: UUID, client: TestClient, writer: Headers, publisher: Headers
) -> None:
    first = draft(client, writer, "Một, {{ code }}.")
    publish(client, publisher, first)
    second = draft(client, publisher, "Hai, {{ code }}.", reason="mistake")
    publish(client, writer, second)
    earlier = client.get(f"{BASE}/template-versions/{first['id']}", headers=writer).json()
    again = draft(client, writer, earlier["wording_vi"], reason="back_to_earlier")
    publish(client, publisher, again)
    assert texts(begin, school)[:2] == ("Một, {{ code }}.", 3)
    asked = f"{BASE}/template-versions?kind={REQUESTED}&channel=sms&page_size=2"
    page = client.get(asked, headers=writer).json()
    told = [
        (each["number"], each["reason"], each["made_by"], each["concluded_by"], each["is_mine"])
        for each in page["items"]
    ]
    assert told == [
        (3, "back_to_earlier", "client:writer", "client:publisher", True),
        (2, "mistake", "client:publisher", "client:writer", False),
    ]
    rest = client.get(f"{asked}&cursor={page['next_cursor']}", headers=writer).json()
    assert [each["id"] for each in rest["items"]] == [first["id"]]


def test_a_further_try_says_what_the_one_before_said_and_a_replay_what_is_said_now(
    begin: Begin, client: TestClient, writer: Headers, publisher: Headers, school: UUID
) -> None:
    publish(client, publisher, draft(client, writer, "Một, {{ code }}."))
    with begin() as session:
        post = Post(session, NOON)
        post.requested(school)
        (first,) = post.claim()
        post.record([first], 503)
    publish(client, publisher, draft(client, writer, "Hai, {{ code }}."))
    with begin() as session:
        post = Post(session, NOON).later(3600)
        (again,) = post.claim()
        post.record([again], 503)
        assert [each.wording and each.wording.text for each in (first, again)] == [
            "Một, {{ code }}.", "Một, {{ code }}.",
        ]  # fmt: skip
        session.execute(text("UPDATE deliveries SET tries_before = attempts"))
        (replayed,) = post.later(36000).claim()
        assert replayed.wording is not None
        assert replayed.wording.text == "Hai, {{ code }}."


def test_what_goes_by_another_channel_is_said_in_its_words(
    begin: Begin, client: TestClient, writer: Headers, publisher: Headers, school: UUID
) -> None:
    publish(client, publisher, draft(client, writer, "Một, {{ code }}."))
    with begin() as session:
        post = Post(session, NOON)
        post.requested(school)
        (by_sms,) = post.claim()
        post.record([by_sms], 503)
        assert post.delivery().template_version == 1
        post.written_to(school)
        (by_mail,) = post.later(3600).claim()
        assert (by_mail.channel, by_mail.wording) == (ChannelKind.EMAIL, None)
        assert (post.delivery().template_version, post.delivery().template_id) == (0, None)
        post.later(3600).record([by_mail], 451)
        post.reachable(school)
        (by_hook,) = post.later(36000).claim()
        assert by_hook.channel is ChannelKind.WEBHOOK
        assert post.delivery().template_version is None


def test_what_the_list_has_learned_of_since_is_left_out_and_nothing_waits_for_it(
    begin: Begin, client: TestClient, writer: Headers, publisher: Headers, school: UUID
) -> None:
    made = draft(client, writer, "Một, {{ code }}.")
    publish(client, publisher, made)
    with begin() as session:
        # As a release leaves it whose list has grown.
        session.execute(update(Template).values(wording_vi="Gặp công an, {{ code }}."))
    assert texts(begin, school) == (None, 0, None)
    read = client.get(f"{BASE}/templates/{REQUESTED}/sms", headers=writer).json()
    assert (read["number"], read["left_out_id"]) == (0, made["id"])


def test_the_list_is_asked_again_when_a_draft_is_published(
    begin: Begin, client: TestClient, writer: Headers, publisher: Headers
) -> None:
    made = draft(client, writer, "Một, {{ code }}.")
    with begin() as session:
        session.execute(update(Template).values(wording_en="See the police, {{ code }}."))
    answer = publish(client, publisher, made)
    assert problem(answer) == (422, "template-refused")
    assert rules(answer) == {("/wording_en", "template_telling_en")}


def test_what_could_not_be_sent_any_more_is_shown_to_whoever_looks_why(
    begin: Begin, client: TestClient, writer: Headers, publisher: Headers
) -> None:
    made = draft(client, writer, "Một, {{ code }}.")
    publish(client, publisher, made)
    with begin() as session:
        # As a release leaves it that has one fact less, and a setting that was lowered.
        session.execute(
            update(Template).values(wording_vi="{{ gone }} {{ code }}", wording_en="ạ" * 400)
        )
    answer = client.get(f"{BASE}/template-versions/{made['id']}", headers=writer)
    assert answer.status_code == 200, answer.text
    vietnamese, english = answer.json()["previews"]
    assert vietnamese["plain"] == "? 019CD0B4"
    assert (english["plain"], english["segments"]) == ("ạ" * 400, 6)


def test_no_row_says_that_one_person_wrote_and_published(
    begin: Begin, client: TestClient, writer: Headers, publisher: Headers
) -> None:
    publish(client, publisher, draft(client, writer, "Một, {{ code }}."))
    alone = update(Template).values(concluded_by=Template.made_by)
    with pytest.raises(IntegrityError, match="two_people"), begin() as session:
        session.execute(alone)


def test_a_text_that_is_left_out_is_named_in_the_log_once_for_all_that_leave_together(
    *, begin: Begin, school: UUID, client: TestClient, writer: Headers, publisher: Headers,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    publish(client, publisher, draft(client, writer, "Một, {{ code }}."))
    with begin() as session:
        session.execute(update(Template).values(wording_vi="Gặp công an, {{ code }}."))
        post = Post(session, NOON)
        for _ in range(3):
            post.requested(school)
        capsys.readouterr()
        assert [each.wording for each in post.claim()] == [None] * 3
    told = capsys.readouterr()
    assert (told.out + told.err).count("template_left_out") == 1
