"""The HTTP process of intake."""

from fastapi import FastAPI

from services.intake import api, domain
from services.intake.settings import IntakeApiSettings
from shared.auditing.api import audit_routes
from shared.contracts import Queue
from shared.duties.api import duties_routes
from shared.duties.running_api import running_routes
from shared.kit.crypto import MasterKeys
from shared.messaging.envelope import Links
from shared.messaging.processes.api import create_service


def create() -> FastAPI:
    """The application, composed from the environment."""
    settings = IntakeApiSettings()
    keys = MasterKeys.load(settings.master_keys_file)
    return create_service(
        settings,
        service=Queue.INTAKE,
        title="Intake",
        routers=[
            api.router,
            duties_routes(domain.DUTIES),
            running_routes(domain.RUNNING),
            audit_routes(domain.TRAIL),
        ],
        resources=lambda begin: {
            "desk": api.open_desk(begin, settings.timepiece.now),
            "master_keys": keys,
            "links": Links.load(settings.link_keys_file),
        },
        shows_alerts=False,
        recognition=lambda session: domain.recognise_keys(
            session, keys=keys, now=settings.timepiece.now()
        ),
    )
