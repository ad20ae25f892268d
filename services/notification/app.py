"""The HTTP process of notification."""

from fastapi import FastAPI

from services.notification import api
from services.notification.settings import NotificationSettings
from shared.contracts import Queue
from shared.messaging.processes.api import create_service


def create() -> FastAPI:
    """The application, composed from the environment."""
    return create_service(
        NotificationSettings(),
        service=Queue.NOTIFICATION,
        title="Notification",
        routers=[api.router],
    )
