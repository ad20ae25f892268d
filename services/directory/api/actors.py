"""Whose the accounts and systems are that the audit names, for whoever reads it."""

from typing import Annotated

from fastapi import Depends, Query

from services.directory import domain, schemas
from services.directory.api.staff import Vault
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.http import NotedRead
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.subjects import Subject

router = Router(tags=["audit"])

LONGEST = 4500
"""About a hundred accounts, which is a page."""


@router.get("/actors", responses=refusals(401, 403, 422))
def list_actors(
    *,
    read: NotedRead,
    _auditor: Annotated[Subject, Depends(permitted(Permission.ACTOR_READ))],
    vault: Vault,
    named: Annotated[
        str,
        Query(
            min_length=1,
            max_length=LONGEST,
            description="Who is meant, as entries of the audit name them, with commas in between.",
        ),
    ],
) -> schemas.ActorList:
    """List whose these actors are, those that the directory knows (role auditor).

    What services do by themselves (`message:`, `sweep:`) is nobody's.
    """
    found = domain.find_actors(read.session, set(named.split(",")), vault=vault)
    read.lists(found)
    return schemas.ActorList(items=[schemas.ActorRead.of(each) for each in found])
