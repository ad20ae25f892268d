"""Which case an auditor means: a code is what people say, and its audit is asked for by id."""

from typing import Annotated

from fastapi import Depends, Query

from services.intake import domain, schemas
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.clock import local_date
from shared.kit.http import NotedRead, Now
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Id
from shared.kit.subjects import Subject

router = Router(tags=["audit"])


@router.get("/audited-cases", responses=refusals(401, 403, 422))
def list_audited_cases(
    *,
    read: NotedRead,
    auditor: Annotated[Subject, Depends(permitted(Permission.AUDIT_READ))],
    page: PageParams,
    now: Now,
    code: Annotated[
        str | None, Query(max_length=40, description="Only the case of this code.")
    ] = None,
    case_id: Annotated[Id | None, Query(description="Only the case with this id.")] = None,
) -> schemas.AuditedCaseList:
    """List the cases whose audit you read, newest first (role auditor, for its areas).

    By ``code``, which is read as people dictate it, you find the ``id`` to ask every service with
    at `/audit-entries`.
    """
    found = domain.find_audited_cases(
        read.session,
        subject=auditor,
        code=code,
        case_id=case_id,
        on=local_date(now),
        after=page.after,
        size=page.reach,
    )
    shown = page.of(found)
    is_one = code is not None or case_id is not None
    read.lists(shown.rows, of=shown.rows[0].id if is_one and shown.rows else None)
    items = [schemas.AuditedCase.model_validate(each) for each in shown.rows]
    return schemas.AuditedCaseList(items=items, next_cursor=shown.next_cursor)
