"""The link that ends an optional mail: it says two ids, and no other link is one."""

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from shared.kit import answer_links
from shared.kit.answer_links import AnswerLink
from shared.kit.unsubscribe_links import UnsubscribeLink, read, seal

MASTER = bytes(range(32))
NOW = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


@given(recipient=st.uuids(), sent_to=st.uuids())
def test_a_link_that_ends_a_mail_says_what_was_sealed(recipient: UUID, sent_to: UUID) -> None:
    link = UnsubscribeLink(recipient, sent_to)
    assert read(MASTER, seal(MASTER, link)) == link
    assert read(bytes(32), seal(MASTER, link)) is None


@given(text=st.text())
def test_no_other_text_is_a_link(text: str) -> None:
    assert read(MASTER, text) is None


def test_a_link_that_answers_ends_nothing_and_the_other_way_round() -> None:
    ids = (UUID(int=1), UUID(int=2))
    answering = AnswerLink.of(sent_to=ids[0], about=ids[1], asked_at=NOW)
    assert read(MASTER, answer_links.seal(MASTER, answering)) is None
    assert answer_links.read(MASTER, seal(MASTER, UnsubscribeLink(*ids))) is None
