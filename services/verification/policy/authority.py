"""Which authority verifies: decided by route, place and day (Law 53/2024 Arts 27-30).

Which area covers which place is ``shared/places``'s to say: a code is read by the day on which it
was told, for most numbers were given to another unit in July 2025. A role held for the whole
country covers every place, one for the whole city every place that lies in it.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.contracts.vocabulary import OrganisationKind, Route
from shared.places import WHOLE_CITY, WHOLE_COUNTRY, is_in_city, is_known_to_be_none
from shared.places.holders import Place, width_of
from shared.places.pieces import is_covered

FROM_ABROAD = frozenset({Route.BILATERAL_HANDOVER, Route.MISSION_ABROAD})
"""Routes the immigration police verify, whose area is the widest of all police."""


@dataclass(frozen=True)
class VerifierRole:
    """An active organisation that verifies in an area from a day until before another."""

    organisation_id: UUID
    code: str
    kind: OrganisationKind
    area_code: str
    valid_from: date
    valid_to: date | None

    def is_held(self, on: date) -> bool:
        """Whether the role is held on this day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)

    def covers(self, place: Place, on: date) -> bool:
        """Whether the role, held on this day, reaches all of a place.

        A code that meant nothing on the day it was told lies in the city if its number does, and in
        no smaller area: what it meant before, or means since, would be a guess.
        """
        if not self.is_held(on):
            return False
        is_in_whole = self.area_code == WHOLE_CITY and is_in_city(place.code, place.told_on)
        if is_in_whole or self.area_code == WHOLE_COUNTRY:
            return True
        is_none = is_known_to_be_none(place.code, place.told_on)
        return not is_none and is_covered(place.code, place.told_on, {self.area_code}, on)


def choose_verifier(
    roles: Collection[VerifierRole],
    *,
    route: Route,
    receiver_id: UUID,
    place: Place,
    on: date,
) -> UUID | None:
    """The organisation that verifies; ``None`` when nobody holds the role there on that day.

    - rescued: the body that rescued, when it verifies itself (the Border Guard Command does),
      wherever the person comes from;
    - handed over, or sent by a mission: the police with the widest area, which is immigration;
    - everyone else: the police of the nearest area, else of the city it lies in. Never the whole
      country's: a person who comes from elsewhere waits until a case owner says where they are.
    """
    if route is Route.RESCUED and _verifies(roles, receiver_id, on):
        return receiver_id
    police = [role for role in roles if role.kind is OrganisationKind.POLICE]
    fit = [role for role in police if role.covers(place, on)]
    if route in FROM_ABROAD:
        return _first(fit, by=lambda role: -width_of(role.area_code))
    near = [role for role in fit if role.area_code != WHOLE_COUNTRY]
    return _first(near, by=lambda role: width_of(role.area_code))


def _first(roles: Collection[VerifierRole], *, by: Callable[[VerifierRole], int]) -> UUID | None:
    """The code breaks a tie, so that the same facts always choose the same authority."""
    ranked = sorted((by(role), role.code, role.organisation_id) for role in roles)
    return ranked[0][2] if ranked else None


def _verifies(roles: Collection[VerifierRole], organisation_id: UUID, on: date) -> bool:
    return any(role.organisation_id == organisation_id and role.is_held(on) for role in roles)


def may_verify(
    roles: Collection[VerifierRole],
    *,
    organisation_id: UUID,
    place: Place,
    on: date,
) -> bool:
    """Whether a case owner may assign a verification to this organisation.

    The city's own authorities may also verify for a person who comes from elsewhere: only a case
    owner knows where the person is now.
    """
    return any(
        role.organisation_id == organisation_id
        and (role.covers(place, on) or (role.is_held(on) and role.area_code == WHOLE_CITY))
        for role in roles
    )
