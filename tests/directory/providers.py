"""A small OpenID provider on loopback: people log in by being named, and it can be told to err."""

import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from tests.directory.authenticators import b64

CLIENT_ID = "nhip-cau"


@dataclass
class OpenIdProvider:
    """What it knows, and what it says otherwise than it should."""

    issuer: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    """Claims that are said otherwise; ``None`` leaves one out."""
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "1"})
    signing: RSAKey | OctKey | None = None
    discovery: dict[str, Any] = field(default_factory=dict)
    is_down: bool = False
    asked: list[str] = field(default_factory=list)

    def let_in(self, address: str, subject: str = "nv-0017") -> dict[str, str]:
        """A person follows the address and logs in: what they are sent back with."""
        parts = urlsplit(address)
        assert f"{parts.scheme}://{parts.netloc}" == self.issuer
        told = {name: values[0] for name, values in parse_qs(parts.query).items()}
        assert told["response_type"] == "code"
        assert told["client_id"] == CLIENT_ID
        assert told["code_challenge_method"] == "S256"
        code = token_urlsafe(16)
        self.codes[code] = told | {"subject": subject}
        return {"state": told["state"], "code": code}

    def documents(self) -> Mapping[str, Any]:
        return {
            "/.well-known/openid-configuration": {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                **self.discovery,
            },
            "/keys": {"keys": [self.key.as_dict(private=False)]},
        }

    def redeemed(self, form: Mapping[str, str]) -> dict[str, Any] | None:
        """An id token for a code, once, and for whoever began with it (RFC 7636 section 4.6)."""
        told = self.codes.pop(form["code"], None)
        if told is None or form["redirect_uri"] != told["redirect_uri"]:
            return None
        if _challenge(form["code_verifier"]) != told["code_challenge"]:
            return None
        now = int(datetime.now(UTC).timestamp())
        claims = {
            "iss": self.issuer,
            "sub": told["subject"],
            "aud": CLIENT_ID,
            "exp": now + 300,
            "iat": now,
            "nonce": told["nonce"],
            **self.claims,
        }
        said = {name: value for name, value in claims.items() if value is not None}
        algorithms = [self.header["alg"]]
        token = jwt.encode(self.header, said, self.signing or self.key, algorithms=algorithms)
        return {"access_token": "x", "token_type": "Bearer", "id_token": token}


def _challenge(verifier: str) -> str:
    return b64(hashlib.sha256(verifier.encode()).digest())


@contextmanager
def provider_on_loopback() -> Iterator[OpenIdProvider]:
    """A real HTTP server in front of it."""
    provider = OpenIdProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(provider.documents().get(self.path))

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(sent).items()}
            self._answer(provider.redeemed(form), otherwise=400)

        def log_message(self, *_: object) -> None:
            """Nothing to standard error."""

        def _answer(self, told: Any, otherwise: int = 404) -> None:
            provider.asked.append(self.path)
            status = 503 if provider.is_down else 200 if told else otherwise
            body = orjson.dumps(told or {"error": "invalid_grant"})
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
