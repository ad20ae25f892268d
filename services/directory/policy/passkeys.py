"""Passkeys (Web Authentication, level 3): keys that answer for one address alone.

They are a second factor beside the password, so the authenticator verifies the person itself, and
need not be found without a user name: a shared machine lists nobody's.
"""

import secrets
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    RegistrationCredential,
)

CHALLENGE_BYTES = 32
MOST_PASSKEYS = 10
ALGORITHMS = (
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
)
"""What every kind of authenticator signs with: the last one is for keys inside older machines."""
_UNREADABLE = (WebAuthnException, ValueError, TypeError, LookupError, EOFError, AttributeError)
"""What whoever sends bytes of their own can make a reader of CBOR and of keys raise."""
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class RelyingParty:
    """The address that passkeys are made for; they answer at no other."""

    origin: str
    """As browsers write it: without the port that goes without saying."""
    rp_id: str | None
    """Its host name; unset where it is a number, for which no passkey can be made."""

    @classmethod
    def of(cls, address: str) -> "RelyingParty":
        """Of the address that people open."""
        parts = urlsplit(address)
        host = parts.hostname or ""
        is_told = parts.port is not None and parts.port != _DEFAULT_PORTS.get(parts.scheme)
        shown = f"[{host}]" if ":" in host else host
        origin = f"{parts.scheme}://{shown}{f':{parts.port}' if is_told else ''}"
        return cls(origin, None if _is_number(host) else host)


@dataclass(frozen=True, repr=False)
class Created:
    """What an authenticator answers that has made a key."""

    credential_id: bytes
    client_data: bytes
    attestation: bytes


@dataclass(frozen=True, repr=False)
class Signed:
    """What an authenticator answers that signs with a key of its own."""

    credential_id: bytes
    client_data: bytes
    authenticator_data: bytes
    signature: bytes


@dataclass(frozen=True, repr=False)
class PasskeyFacts:
    """What is kept of a key: its public half, and how often it says it has signed."""

    public_key: bytes
    sign_count: int


def new_challenge() -> bytes:
    """What the next answer must be to, and no other."""
    return secrets.token_bytes(CHALLENGE_BYTES)


def made_passkey(party: RelyingParty, created: Created, *, challenge: bytes) -> PasskeyFacts | None:
    """The key of an answer to this challenge, at this address, to a verified person; else none."""
    if party.rp_id is None:
        return None
    shown_id = bytes_to_base64url(created.credential_id)
    try:
        made = verify_registration_response(
            credential=RegistrationCredential(
                id=shown_id,
                raw_id=created.credential_id,
                response=AuthenticatorAttestationResponse(
                    client_data_json=created.client_data, attestation_object=created.attestation
                ),
            ),
            expected_challenge=challenge,
            expected_rp_id=party.rp_id,
            expected_origin=party.origin,
            require_user_verification=True,
            supported_pub_key_algs=list(ALGORITHMS),
        )
    except _UNREADABLE:
        return None
    if made.credential_id != created.credential_id:
        return None
    return PasskeyFacts(made.credential_public_key, made.sign_count)


def counted_by(
    party: RelyingParty, signed: Signed, *, challenge: bytes, key: PasskeyFacts
) -> int | None:
    """What the authenticator has counted, if it is this key's answer to this challenge.

    A count that has not grown says that the key was copied: such an answer is none (section 7.2,
    step 22). Authenticators that do not count say 0 each time.
    """
    if party.rp_id is None:
        return None
    try:
        verified = verify_authentication_response(
            credential=AuthenticationCredential(
                id=bytes_to_base64url(signed.credential_id),
                raw_id=signed.credential_id,
                response=AuthenticatorAssertionResponse(
                    client_data_json=signed.client_data,
                    authenticator_data=signed.authenticator_data,
                    signature=signed.signature,
                ),
            ),
            expected_challenge=challenge,
            expected_rp_id=party.rp_id,
            expected_origin=party.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except _UNREADABLE:
        return None
    return verified.new_sign_count


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
