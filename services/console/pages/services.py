"""The service that an address names: `/operations/<service>`, `/why/<service>/<id>`."""

from typing import Annotated

from fastapi import Depends, Path

from shared.contracts.vocabulary import Queue
from shared.kit.errors import NotFound

BY_SEGMENT = {service.segment: service for service in Queue}


class ServiceNotFound(NotFound):
    """There is no service of this name."""


async def named_service(service: Annotated[str, Path()]) -> Queue:
    """Dependency: the service of an address; raises ``ServiceNotFound``."""
    if service not in BY_SEGMENT:
        raise ServiceNotFound
    return BY_SEGMENT[service]


Named = Annotated[Queue, Depends(named_service)]
