"""What several routes of this service have in common."""

from typing import Annotated

from fastapi import Path

from shared.kit.problems import refusals
from shared.kit.shapes import Id

CHANGING = refusals(400, 401, 403, 404, 409, 422)
"""What a change may be refused with."""

EndpointId = Annotated[Id, Path(description="The id of the endpoint.")]
