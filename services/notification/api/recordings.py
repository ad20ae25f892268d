"""Routes about what a sandbox would have sent: read by whoever may read the delivery."""

from typing import Annotated

from fastapi import Depends, Path, Query

from services.notification import domain, schemas
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.http import ReadSession
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Id
from shared.kit.subjects import Subject

router = Router(tags=["recordings"])

RecordingId = Annotated[Id, Path(description="The id of the recording.")]


@router.get("/recordings", responses=refusals(401, 422))
def list_recordings(
    *,
    session: ReadSession,
    caller: Annotated[Subject, Depends(permitted(Permission.DELIVERY_READ))],
    page: PageParams,
    organisation_id: Annotated[
        Id | None, Query(description="Only what would have gone to this organisation.")
    ] = None,
    delivery_id: Annotated[Id | None, Query(description="Only the tries of this delivery.")] = None,
) -> schemas.RecordingList:
    """List what would have been sent to test organisations, the newest first, for seven days.

    An operator reads all, anyone else what was for their own organisation. Outside of a sandbox
    there are no test organisations, and the list is empty.
    """
    found = domain.find_recordings(
        session,
        subject=caller,
        organisation_id=organisation_id,
        delivery_id=delivery_id,
        after=page.after,
        size=page.reach,
    )
    part = page.of(found)
    items = [schemas.RecordingSummary.model_validate(each) for each in part.rows]
    return schemas.RecordingList(items=items, next_cursor=part.next_cursor)


@router.get("/recordings/{recording_id}", responses=refusals(401, 404, 422))
def read_recording(
    recording_id: RecordingId,
    session: ReadSession,
    caller: Annotated[Subject, Depends(permitted(Permission.DELIVERY_READ))],
) -> schemas.RecordingRead:
    """Read one message as its receiver would have read it."""
    found = domain.find_recording(session, recording_id=recording_id, subject=caller)
    return schemas.RecordingRead.model_validate(found)
