"""Identity providers of organisations, as JSON."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from services.directory import examples
from services.directory.schemas.account import PlaceGiven, Typed
from shared.kit.shapes import Shape, shown

Visible = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]+$", max_length=200)]
Sealed = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$", max_length=2000)]
Returned = Annotated[str, Field(min_length=1, max_length=2000)]


class ProviderSet(Shape):
    """Who is to vouch for the people of an organisation."""

    model_config = shown(examples.PROVIDER_SET)

    issuer: str = Field(min_length=1, max_length=500)
    """The address of the provider, as it names itself: https, a public host name, port 443."""
    client_id: Visible
    """As what this exchange is registered there: a public client, with the address to return to."""


class ProviderRead(ProviderSet):
    """An identity provider that vouches for the people of an organisation."""

    model_config = shown(examples.PROVIDER_READ)

    organisation_id: UUID
    """The organisation whose people log in there."""
    redirect_uri: str
    """The address to return to, which the provider must know."""
    changed_at: AwareDatetime
    """When it was last changed."""


class VouchedOrganisation(Shape):
    """An organisation whose people may log in at a provider of their own."""

    organisation_id: UUID
    """The id of the organisation."""
    name_vi: str
    """Its name in Vietnamese."""
    name_en: str
    """Its name in English."""


class VouchedList(Shape):
    """All organisations whose people may log in at a provider of their own."""

    model_config = shown(examples.VOUCHED_LIST)

    items: list[VouchedOrganisation]
    """The organisations, by their names in Vietnamese."""


class OutsideStart(Shape):
    """Which provider is asked, and for whoever comes for the first time the code of their link."""

    model_config = shown(examples.OUTSIDE_START)

    organisation_id: UUID
    """The organisation of the person."""
    code: Typed | None = None
    """The code of a link or slip: the account becomes that of the person at the provider."""


class OutsideBegun(Shape):
    """Where the person logs in, and what has to stay in the browser until they come back."""

    model_config = shown(examples.OUTSIDE_BEGUN)

    address: str
    """The address at the provider."""
    log_in: str
    """What the return is sent with, sealed; it is good for ten minutes."""


class OutsideReturned(PlaceGiven):
    """What the provider sent a person back with."""

    model_config = shown(examples.OUTSIDE_RETURNED)

    log_in: Sealed
    """What was kept in this browser when it was begun."""
    state: Returned
    """What came back as `state`."""
    code: Returned
    """What came back as `code`."""
