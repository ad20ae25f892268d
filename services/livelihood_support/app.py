"""The HTTP process of livelihood support."""

from fastapi import FastAPI

from services.livelihood_support import api, domain
from services.livelihood_support.settings import LivelihoodSupportSettings
from shared.auditing.api import audit_routes
from shared.contracts import Queue
from shared.duties.api import duties_routes
from shared.duties.running_api import running_routes
from shared.messaging.processes.api import create_service
from shared.resting.api import resting_routes


def create() -> FastAPI:
    """The application, composed from the environment."""
    return create_service(
        LivelihoodSupportSettings(),
        service=Queue.LIVELIHOOD_SUPPORT,
        title="Livelihood support",
        routers=[
            api.router,
            duties_routes(domain.DUTIES),
            running_routes(domain.RUNNING),
            audit_routes(domain.TRAIL),
            resting_routes(domain.find_what_rests),
        ],
        shows_alerts=False,
    )
