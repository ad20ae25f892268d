"""The HTTP process of the directory."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from fastapi import FastAPI

from services.directory import api, domain
from services.directory.gateways import ProviderGateway
from services.directory.policy import (
    STAFF_MASTER,
    LogInRules,
    RelyingParty,
    StaffVault,
    TokenIssuer,
)
from services.directory.settings import DirectoryApiSettings
from shared.contracts import Queue
from shared.duties.api import duties_routes
from shared.kit.clock import utc_now
from shared.kit.database import Begin
from shared.kit.key_checks import WEBHOOK_MASTER, recognise
from shared.messaging.envelope import Links
from shared.messaging.processes.api import create_service


def create() -> FastAPI:
    """The application, composed from the environment."""
    settings = DirectoryApiSettings()
    webhooks = api.WebhookRules.of(
        settings.webhook_master_file.read_text(),
        allow_loopback=settings.allow_loopback_endpoints,
    )

    vault = StaffVault.of(settings.staff_master_file.read_text())

    def resources(_begin: Begin) -> Mapping[str, Any]:
        return {
            "token_issuer": TokenIssuer.of(
                issuer=settings.issuer,
                audience=settings.audience,
                token_endpoint=settings.token_endpoint,
                private_jwk=settings.token_key_file.read_bytes(),
                jwks=settings.jwks_file.read_bytes(),
            ),
            "links": Links.load(settings.link_keys_file),
            "webhooks": webhooks,
            "is_sandbox": settings.is_sandbox,
            "staff_vault": vault,
            "providers": ProviderGateway(allow_loopback=settings.allow_loopback_endpoints),
            "log_in_rules": LogInRules(
                is_second_factor_required=settings.second_factor_required,
                link_lifetime=timedelta(hours=settings.link_hours),
                party=RelyingParty.of(settings.issuer),
            ),
        }

    return create_service(
        settings,
        service=Queue.DIRECTORY,
        title="Directory",
        routers=[api.router, duties_routes(domain.DUTIES)],
        resources=resources,
        recognition=lambda session: recognise(
            session,
            {WEBHOOK_MASTER: webhooks.master, STAFF_MASTER: vault.master},
            now=utc_now(),
        ),
    )
