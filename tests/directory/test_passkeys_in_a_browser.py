"""A real Chromium with an authenticator of its own makes a passkey, and logs in with it."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page

from tests.directory.builders import ISSUER
from tests.directory.calls import refused
from tests.directory.desks import client, console, desk, entered, receiver
from tests.directory.owners import Owner, verifier_in
from tests.directory.people import of, wrong

__all__ = ["client", "console", "desk", "entered", "receiver", "verifier_in"]

MAKE = """async (told) => {
  const options = PublicKeyCredential.parseCreationOptionsFromJSON({
    rp: { id: told.rp_id, name: "Nhịp Cầu" },
    user: { id: told.user_id, name: told.user_name, displayName: told.display_name },
    challenge: told.challenge,
    pubKeyCredParams: told.algorithms.map((alg) => ({ type: "public-key", alg })),
    excludeCredentials: told.credential_ids.map((id) => ({ type: "public-key", id })),
    authenticatorSelection: { residentKey: "discouraged", userVerification: "required" },
  });
  const made = (await navigator.credentials.create({ publicKey: options })).toJSON();
  return {
    credential_id: made.id,
    client_data: made.response.clientDataJSON,
    attestation: made.response.attestationObject,
  };
}"""
SIGN = """async (told) => {
  const options = PublicKeyCredential.parseRequestOptionsFromJSON({
    rpId: told.rp_id,
    challenge: told.challenge,
    allowCredentials: told.credential_ids.map((id) => ({ type: "public-key", id })),
    userVerification: "required",
  });
  const signed = (await navigator.credentials.get({ publicKey: options })).toJSON();
  return {
    credential_id: signed.id,
    client_data: signed.response.clientDataJSON,
    authenticator_data: signed.response.authenticatorData,
    signature: signed.response.signature,
  };
}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page at the address of the exchange."""
    with browser.new_context() as context:
        page = context.new_page()
        page.route("**/*", lambda route: route.fulfill(body="<!doctype html>"))
        page.goto(ISSUER)
        yield page


@pytest.fixture
def cdp(page: Page) -> CDPSession:
    made = page.context.new_cdp_session(page)
    made.send("WebAuthn.enable")
    return made


@pytest.mark.parametrize("kind", ["internal", "usb"])
def test_a_passkey_of_a_browser_is_made_and_shown(
    page: Page, cdp: CDPSession, verifier_in: Owner, kind: str
) -> None:
    plugged = {
        "protocol": "ctap2",
        "transport": kind,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": plugged})
    invited = verifier_in.confirmed().told("POST", "/passkeys/invitation")
    made: dict[str, Any] = page.evaluate(MAKE, invited)
    answer = verifier_in.ask("POST", "/passkeys", {"name": "Máy tính", **made})
    assert answer.status_code == 201, answer.text
    for _ in range(2):
        log_in = verifier_in.begin()
        asked = verifier_in.asked(log_in)
        signed = page.evaluate(SIGN, asked)
        of(verifier_in.second(log_in, signed), "done")
        wrong(verifier_in.second(verifier_in.begin(), signed))
    again = verifier_in.told("POST", "/passkeys/invitation")
    with pytest.raises(Exception, match="InvalidStateError"):
        page.evaluate(MAKE, again)


def test_whoever_the_authenticator_has_not_verified_is_not_let_in(
    page: Page, cdp: CDPSession, verifier_in: Owner
) -> None:
    plugged = {"protocol": "u2f", "transport": "usb", "automaticPresenceSimulation": True}
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": plugged})
    invited = verifier_in.confirmed().told("POST", "/passkeys/invitation")
    careless = MAKE.replace('userVerification: "required"', 'userVerification: "discouraged"')
    made = page.evaluate(careless, invited)
    refused(verifier_in.ask("POST", "/passkeys", {"name": "Thẻ", **made}), 422, "passkey-refused")
