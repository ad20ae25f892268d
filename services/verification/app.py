"""The HTTP process of verification."""

from fastapi import FastAPI

from services.verification import api, domain
from services.verification.settings import VerificationSettings
from shared.auditing.api import audit_routes
from shared.contracts import Queue
from shared.duties.api import duties_routes
from shared.duties.running_api import running_routes
from shared.messaging.processes.api import create_service
from shared.resting.api import resting_routes


def create() -> FastAPI:
    """The application, composed from the environment."""
    return create_service(
        VerificationSettings(),
        service=Queue.VERIFICATION,
        title="Verification",
        routers=[
            api.router,
            duties_routes(domain.DUTIES),
            running_routes(domain.RUNNING),
            audit_routes(domain.TRAIL),
            resting_routes(domain.find_what_rests),
        ],
        reached_alerts=domain.reached_alerts,
    )
