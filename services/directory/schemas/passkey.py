"""Passkeys, as JSON: bytes are written in base64url without padding, as browsers write them."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from services.directory import examples
from services.directory.policy import Created, Signed
from shared.kit.shapes import Shape, shown

PATTERN = r"^[A-Za-z0-9_-]+$"
CredentialId = Annotated[str, StringConstraints(pattern=PATTERN, max_length=1366)]
"""At most 1023 bytes (Web Authentication, section 4)."""
Bytes = Annotated[str, StringConstraints(pattern=PATTERN, max_length=8192)]
Label = Annotated[str, Field(min_length=1, max_length=60)]


def bytes_of(written: str) -> bytes:
    """The bytes that were written so; letters that are left over say nothing."""
    whole = written[: len(written) - (len(written) % 4 == 1)]
    return urlsafe_b64decode(whole + "=" * (-len(whole) % 4))


def written(raw: bytes) -> str:
    """Bytes as browsers write them."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


class PasskeySigned(Shape):
    """The answer of a passkey, as `navigator.credentials.get` hands it over."""

    credential_id: CredentialId
    """The id of the key (`id`)."""
    client_data: Bytes
    """What the browser says of the request (`response.clientDataJSON`)."""
    authenticator_data: Bytes
    """What the authenticator says of itself (`response.authenticatorData`)."""
    signature: Bytes
    """Its signature over both (`response.signature`)."""

    def answer(self) -> Signed:
        """The bytes of it."""
        return Signed(**{name: bytes_of(said) for name, said in self.model_dump().items()})


class PasskeyCreate(Shape):
    """A name for a passkey, and what `navigator.credentials.create` answered."""

    model_config = shown(examples.PASSKEY_CREATE)

    name: Label
    """What its owner calls it; it is kept sealed, and only they read it."""
    credential_id: CredentialId
    """The id of the key (`id`)."""
    client_data: Bytes
    """What the browser says of the request (`response.clientDataJSON`)."""
    attestation: Bytes
    """What the authenticator says of the key (`response.attestationObject`)."""

    def answer(self) -> Created:
        """The bytes of it."""
        told = self.model_dump(exclude={"name"})
        return Created(**{name: bytes_of(said) for name, said in told.items()})


class PasskeyChallenge(Shape):
    """What a passkey is asked to sign, once, within five minutes."""

    rp_id: str
    """The host name that the keys are for (`rpId`)."""
    challenge: str
    """What is to be signed (`challenge`)."""
    credential_ids: list[str]
    """The keys that can (`allowCredentials`)."""


class ChallengeRead(Shape):
    """Whether a passkey may be shown, and what it has to sign."""

    model_config = shown(examples.CHALLENGE_READ)

    passkey: PasskeyChallenge | None
    """The challenge; unset where there is no passkey."""


class PasskeyInvitation(Shape):
    """What an authenticator is asked to make a passkey with, once, within five minutes."""

    model_config = shown(examples.PASSKEY_INVITATION)

    rp_id: str
    """The host name that the key is for (`rp.id`)."""
    challenge: str
    """What the answer must be to (`challenge`)."""
    user_id: str
    """The id of the account as bytes (`user.id`)."""
    user_name: str
    """What the person types to log in (`user.name`)."""
    display_name: str
    """The name that colleagues know the person by (`user.displayName`)."""
    credential_ids: list[str]
    """The keys that there are; their authenticators make no second one (`excludeCredentials`)."""
    algorithms: list[int]
    """How the key may sign, by the numbers of COSE, the best first (`pubKeyCredParams`)."""


class PasskeyRead(Shape):
    """A passkey of one's own."""

    model_config = shown(examples.PASSKEY_READ)

    id: UUID
    """The id of the passkey."""
    name: str
    """What its owner calls it."""
    registered_at: AwareDatetime
    """When it was added."""
    used_at: AwareDatetime | None
    """When somebody last logged in with it."""


class PasskeyList(Shape):
    """All passkeys of whoever asks."""

    model_config = shown(examples.PASSKEY_LIST)

    items: list[PasskeyRead]
    """The passkeys, the first one first."""


class PasskeyAdded(Shape):
    """A new passkey, and what whoever had no second factor gets with it."""

    model_config = shown(examples.PASSKEY_ADDED)

    passkey: PasskeyRead
    """The passkey as it is listed from now on."""
    recovery_codes: list[str]
    """Codes for when it is lost, each good once; told now and never again, to whoever had none."""
