"""The HTTP process of notification."""

from collections.abc import Mapping

from fastapi import FastAPI

from services.notification import api, domain
from services.notification.policy import MAIN, gateways_in, secrets_in
from services.notification.settings import NotificationSettings
from shared.auditing.api import audit_routes
from shared.contracts import Queue
from shared.duties.api import duties_routes
from shared.messaging.processes.api import create_service


def sms_secrets(settings: NotificationSettings) -> Mapping[str, tuple[str, ...]]:
    """By gateway of SMS what its reports are signed with."""
    several, one = settings.sms_gateways_file, settings.sms_secret_file
    if several and several.exists():
        named = gateways_in(several.read_text(encoding="utf-8"))
        return {name: gateway.secrets for name, gateway in named.items()}
    return {MAIN: secrets_in(one.read_text())} if one and one.exists() else {}


def create() -> FastAPI:
    """The application, composed from the environment."""
    settings = NotificationSettings()
    secrets = sms_secrets(settings)
    return create_service(
        settings,
        service=Queue.NOTIFICATION,
        title="Notification",
        resources=lambda _begin: {
            "sms_secrets": secrets,
            "sms_most_segments": settings.sms_most_segments,
        },
        routers=[api.router, duties_routes(domain.DUTIES), audit_routes(domain.TRAIL)],
    )
