"""A client of the exchange: tokens by ``private_key_jwt``, retries that cannot act twice."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2
from joserfc.jwk import OKPKey

from deploy.words import say
from shared.contracts.directory import CLIENT_ASSERTION, TOKEN_PATH
from shared.kit.assertions import assertion_of

RENEW_BEFORE = 30
AGAIN = {409, 429, 502, 503, 504}
"""Answers worth asking again: busy, absent for a moment, or the same request still running."""
IN_FLIGHT = ("request-in-flight", "not-yet", "not-known-yet")


@dataclass(frozen=True, repr=False)
class Credentials:
    """A registered client and its private key."""

    client_id: str
    organisation_id: str
    key: OKPKey

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Credentials":
        """From an entry of the sandbox file."""
        key = OKPKey.import_key(dict(stored["private_jwk"]))
        return cls(stored["client_id"], stored["organisation_id"], key)

    def assertion(self, token_url: str) -> str:
        """A signed statement that this client asks."""
        return assertion_of(self.client_id, self.key, audience=token_url)


class ApiClient:
    """Calls the APIs as one organisation. Safe to share between threads."""

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        *,
        token_url: str | None = None,
        patience: float = 60.0,
    ) -> None:
        self._token_url = token_url or f"{base_url}{TOKEN_PATH}"
        self._http = httpx2.Client(base_url=base_url, timeout=15, trust_env=False)
        self._credentials = credentials
        self._patience = patience
        self._token = ""
        self._expires_at = 0.0

    @property
    def organisation_id(self) -> str:
        """Whom it speaks for."""
        return self._credentials.organisation_id

    def get(self, path: str, **query: Any) -> httpx2.Response:
        """Read; retried until it answers."""
        return self._request("GET", path, params=query or None)

    def post(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        key: str | None = None,
        version: str | None = None,
        may_appear: bool = False,
    ) -> httpx2.Response:
        """Create or move, with one Idempotency-Key however often it has to be asked.

        What ``may_appear`` is asked for again while it is not found: a message is on its way.
        """
        headers = {"Idempotency-Key": f'"{key or uuid4()}"'}
        if version is not None:
            headers["If-Match"] = version
        return self._request("POST", path, may_appear=may_appear, json=dict(body), headers=headers)

    def put(self, path: str, body: Mapping[str, Any], *, version: str) -> httpx2.Response:
        """Replace what has this version."""
        headers = {"Idempotency-Key": f'"{uuid4()}"', "If-Match": version}
        return self._request("PUT", path, json=dict(body), headers=headers)

    def delete(self, path: str) -> httpx2.Response:
        """End what is in use."""
        return self._request("DELETE", path, headers={"Idempotency-Key": f'"{uuid4()}"'})

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _request(
        self, method: str, path: str, *, may_appear: bool = False, **options: Any
    ) -> httpx2.Response:
        deadline = time.monotonic() + self._patience
        pause = 0.1
        while True:
            try:
                answer = self._once(method, path, options)
                is_final = not _is_worth_asking_again(answer, may_appear=may_appear)
                if is_final or time.monotonic() > deadline:
                    return answer
            except httpx2.TransportError:
                # Nothing is known of what happened; the key makes asking again safe.
                if time.monotonic() > deadline:
                    raise
            time.sleep(pause)
            pause = min(pause * 2, 2.0)

    def _once(self, method: str, path: str, options: dict[str, Any]) -> httpx2.Response:
        token = self.bearer()
        headers = {**options.get("headers", {}), "Authorization": f"Bearer {token}"}
        return self._http.request(method, path, **{**options, "headers": headers})

    def bearer(self) -> str:
        """An access token that is good for a while yet."""
        if time.time() > self._expires_at - RENEW_BEFORE:
            answer = self._http.post(
                self._token_url,
                data={
                    "grant_type": "client_credentials",
                    "client_assertion_type": CLIENT_ASSERTION,
                    "client_assertion": self._credentials.assertion(self._token_url),
                },
            )
            if answer.status_code >= httpx2.codes.INTERNAL_SERVER_ERROR:
                raise httpx2.ConnectError(say("no-token-endpoint"))
            answer.raise_for_status()
            issued = answer.json()
            self._token = issued["access_token"]
            self._expires_at = time.time() + issued["expires_in"]
        return self._token


def _is_worth_asking_again(answer: httpx2.Response, *, may_appear: bool) -> bool:
    if answer.status_code == httpx2.codes.NOT_FOUND:
        return may_appear
    if answer.status_code != httpx2.codes.CONFLICT:
        return answer.status_code in AGAIN
    return str(answer.json().get("type", "")).endswith(IN_FLIGHT)
