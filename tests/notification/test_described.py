"""Every answer is one the OpenAPI document promises."""

from collections.abc import Callable

from fastapi.testclient import TestClient

from shared.kit.clock import utc_now
from shared.kit.database import Begin
from shared.kit.identifiers import new_id
from tests.described import answers_as_described
from tests.notification.builders import Post


def test_every_answer_is_as_described(
    client: TestClient, begin: Begin, token_for: Callable[..., dict[str, str]]
) -> None:
    with begin() as session:
        post = Post(session, utc_now())
        school = post.reachable()
        post.requested(school, 3)
        post.record(post.claim(most=1), 500)
        post.requested(new_id())
        known = {"delivery_id": [str(each.id) for each in post.deliveries()]}
    callers = [token_for("operator"), token_for("provider", organisation_id=school), {}]
    assert answers_as_described(client, "/notification/openapi.json", callers, known=known) > 40
