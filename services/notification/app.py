"""The HTTP process of notification."""

from fastapi import FastAPI

from services.notification import api, domain
from services.notification.settings import NotificationSettings
from shared.auditing.api import audit_routes
from shared.contracts import Queue
from shared.duties.api import duties_routes
from shared.messaging.processes.api import create_service


def create() -> FastAPI:
    """The application, composed from the environment."""
    return create_service(
        NotificationSettings(),
        service=Queue.NOTIFICATION,
        title="Notification",
        routers=[api.router, duties_routes(domain.DUTIES), audit_routes(domain.TRAIL)],
    )
