"""Whose an actor of the audit is, as JSON."""

from typing import Any, Self
from uuid import UUID

from services.directory import examples
from shared.kit.shapes import Shape, shown


class ActorRead(Shape):
    """A system, a person or an office that the audit names."""

    actor: str
    """How the audit names it: `client:` and a client's id, `staff:` and the id of an account, or
    `office:` and the id of the organisation whose office answered from a mail.
    """
    organisation_id: UUID
    """The organisation that it acts for, which never changes."""
    organisation_name_vi: str
    """The name of that organisation, in Vietnamese."""
    organisation_name_en: str
    """The same in English."""
    display_name: str | None
    """The name that colleagues know the person by; unset for a system and an office."""

    @classmethod
    def of(cls, actor: Any) -> Self:
        """The actor as it is told."""
        return cls(
            actor=actor.actor,
            organisation_id=actor.organisation.id,
            organisation_name_vi=actor.organisation.name_vi,
            organisation_name_en=actor.organisation.name_en,
            display_name=actor.display_name,
        )


class ActorList(Shape):
    """Whose these actors are."""

    model_config = shown(examples.ACTOR_LIST)

    items: list[ActorRead]
    """Those that the directory knows, in the order of how the audit names them."""
