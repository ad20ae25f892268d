"""Dated roles in forms: of an organisation, and of a person who acts for it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import Depends

from services.console.clients import Problem
from services.console.pages.forms import Sent, iso_day
from shared.kit.clock import local_date, utc_now

BETWEEN = "|"
"""Between a role and its area, in a choice of both."""


class RoleSent(Sent):
    """A role for an area, from a day until the end of another."""

    role: str = ""
    area_code: str = ""
    valid_from: str = ""
    valid_to: str = ""
    """The last day, as people say it; the API takes the day after."""

    def dated(self) -> dict[str, Any]:
        """As the API takes it."""
        role, _, area = self.role.partition(BETWEEN)
        return {
            "role": role,
            "area_code": self.area_code.strip() or area,
            "valid_from": iso_day(self.valid_from),
            "valid_to": day_after(self.valid_to) if self.valid_to.strip() else None,
        }


class LastDay(Sent):
    """The last day of a role that somebody or something holds."""

    role: str = ""
    area_code: str = ""
    valid_from: str = ""
    valid_to: str = ""

    def applied(self, held: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """All roles, this one with its last day; one that has not begun by then is left out."""
        ended = day_after(self.valid_to)
        mine = (self.role, self.area_code, self.valid_from)
        return [
            {**each, "valid_to": ended} if _key(each) == mine else dict(each)
            for each in held
            if not (_key(each) == mine and ended <= self.valid_from)
        ]


async def of_query(
    role: str = "", area_code: str = "", valid_from: str = "", valid_to: str = ""
) -> LastDay:
    """Dependency: the role that a link is about."""
    return LastDay(role=role, area_code=area_code, valid_from=valid_from, valid_to=valid_to)


OfQuery = Annotated[LastDay, Depends(of_query)]


def day_after(written: str) -> str:
    """The first day on which it is no longer so; what is no day goes on as it is."""
    told = iso_day(written)
    try:
        return (date.fromisoformat(told) + timedelta(days=1)).isoformat()
    except (ValueError, OverflowError):
        return told


def as_shown(held: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Roles as they are shown: with their last day, and whether they are over."""
    today = local_date(utc_now()).isoformat()
    return [
        {
            **each,
            "last_day": _day_before(each["valid_to"]) if each["valid_to"] else None,
            "is_over": each["valid_to"] is not None and each["valid_to"] <= today,
            "is_to_come": each["valid_from"] > today,
        }
        for each in held
    ]


def beside_fields(problem: Problem, prefix: str) -> Problem:
    """What is wrong with the role that was added last, said beside the fields of the form."""
    return problem.beside(lambda field: field.removeprefix(prefix))


def beside_last_day(problem: Problem) -> Problem:
    """What is wrong with a last day, said beside it: the form has no other field."""
    return problem.beside(lambda _: "valid_to")


def today_written() -> str:
    """Today, as it is written here."""
    return local_date(utc_now()).strftime("%d/%m/%Y")


def _day_before(told: str) -> str:
    return (date.fromisoformat(told) - timedelta(days=1)).isoformat()


def _key(role: Mapping[str, Any]) -> tuple[str, str, str]:
    return role["role"], role["area_code"], role["valid_from"]
