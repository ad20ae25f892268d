"""What a person reads and changes of their own account."""

from fastapi.testclient import TestClient

from tests.directory.calls import V1, TokenFor, refused
from tests.directory.desks import Desk, client, console, desk, entered, over, receiver
from tests.directory.people import (
    NAME,
    OTHER_PASSWORD,
    PASSWORD,
    Console,
    Somebody,
    of,
)

__all__ = ["client", "console", "desk", "entered", "receiver"]


def test_an_account_shows_a_person_who_they_are_and_what_happened(
    client: TestClient, desk: Desk, console: Console, entered: str, receiver: Somebody
) -> None:
    refused(console.log_in("chim.bao", OTHER_PASSWORD), 403, "log-in-refused")
    bearer = desk.bearer(entered)
    own = client.get(f"{V1}/me", headers=bearer).json()
    assert (own["display_name"], own["user_name"]) == (NAME, "chim.bao")
    assert own["grants"] == [{"role": "receiver", "area": "31"}]
    assert (own["has_authenticator"], own["recovery_codes_left"]) == (False, 0)
    log = client.get(f"{V1}/me/log", headers=bearer).json()["items"]
    told = [(each["event"], each["outcome"], each["is_own_act"]) for each in log]
    assert told == [
        ("account.log_in", "wrong_password", False),
        ("account.log_in", "done", True),
        ("account.password_set", "done", True),
        ("staff.link_made", "done", False),
        ("staff.registered", "done", False),
    ]
    assert log[0]["device"] == "phone"


def test_a_log_comes_in_pages(client: TestClient, desk: Desk, entered: str) -> None:
    bearer = desk.bearer(entered)
    first = client.get(f"{V1}/me/log?page_size=3", headers=bearer).json()
    rest = client.get(
        f"{V1}/me/log", params={"page_size": 3, "cursor": first["next_cursor"]}, headers=bearer
    ).json()
    ids = [each["id"] for each in first["items"] + rest["items"]]
    assert len(ids) == 4
    assert ids == sorted(ids, reverse=True)


def test_a_password_is_changed_by_whoever_knows_it_and_the_other_sessions_end(
    client: TestClient, desk: Desk, console: Console, entered: str
) -> None:
    other = str(of(console.log_in("chim.bao"), "done")["session"])
    bearer = desk.bearer(entered)
    place = f"{V1}/me/password"
    wrong = {"password": OTHER_PASSWORD, "new_password": OTHER_PASSWORD}
    refused(client.post(place, json=wrong, headers=bearer), 403, "password-wrong")
    common = {"password": PASSWORD, "new_password": "matkhau123456"}
    refused(client.post(place, json=common, headers=bearer), 422, "password-common")
    right = {"password": PASSWORD, "new_password": OTHER_PASSWORD}
    assert client.post(place, json=right, headers=bearer).status_code == 204
    over(desk.exchange(other))
    desk.bearer(entered)
    of(console.log_in("chim.bao", OTHER_PASSWORD), "done")


def test_whoever_holds_a_session_cannot_try_all_passwords(
    client: TestClient, desk: Desk, entered: str
) -> None:
    bearer = desk.bearer(entered)
    place = f"{V1}/me/password"
    wrong = {"password": OTHER_PASSWORD, "new_password": OTHER_PASSWORD}
    for _ in range(5):
        refused(client.post(place, json=wrong, headers=bearer), 403, "password-wrong")
    right = {"password": PASSWORD, "new_password": OTHER_PASSWORD}
    refused(client.post(place, json=right, headers=bearer), 403, "password-wrong")


def test_a_system_has_no_account_of_its_own(client: TestClient, token_for: TokenFor) -> None:
    for path in ("/me", "/me/sessions", "/me/log"):
        refused(client.get(V1 + path, headers=token_for("receiver")), 403, "not-a-person")
