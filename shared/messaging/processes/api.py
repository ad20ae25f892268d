"""The HTTP process of a service."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI

from shared.contracts import Queue
from shared.contracts.directory import TOKEN_PATH
from shared.kit.auth import TokenVerifier
from shared.kit.database import Begin, Database, make_engine
from shared.kit.http import Edge, create_api
from shared.kit.key_checks import Recognition, recognised
from shared.kit.logging import configure
from shared.kit.memory import freeze_gc
from shared.kit.settings import ServiceSettings
from shared.messaging import api
from shared.messaging.broker import Broker
from shared.messaging.envelope import Links
from shared.messaging.publisher import BackgroundPublisher, publishing
from shared.texts import of_service

Resources = Callable[[Begin], Mapping[str, Any]]


def no_resources(_begin: Begin) -> Mapping[str, Any]:
    """For services whose routes need nothing but the edge."""
    return {}


def create_service(
    settings: ServiceSettings,
    *,
    service: Queue,
    title: str,
    routers: Sequence[APIRouter],
    resources: Resources = no_resources,
    recognition: Recognition | None = None,
    reached_alerts: api.Reached = api.nobodys,
    shows_alerts: bool = True,
) -> FastAPI:
    """The application of a service; whatever its transactions tell leaves after their commit.

    With a ``recognition`` nothing begins under keys that are not those of its database: the
    process ends and says so. ``reached_alerts`` says which alerts a case owner reads. A service
    with alerts of its own shows all of them itself.
    """
    configure(service, "api", settings.log_level)
    database = Database(make_engine(settings.database_url, pool_size=settings.pool_size))
    publisher = BackgroundPublisher(
        Links.load(settings.link_keys_file),
        Broker(service, settings.broker_url, settings.sentinels),
        settings.lease_seconds,
        settings.frame,
    )
    begin = publishing(database.begin, publisher)
    if recognition is not None:
        begin = recognised(begin, recognition)
    edge = Edge(
        service=service,
        title=title,
        begin=begin,
        read=database.read,
        verifier=TokenVerifier(
            settings.jwks_file, issuer=settings.issuer, audience=settings.audience
        ),
        clock=settings.timepiece.now,
        token_url=TOKEN_PATH,
        texts=of_service(service),
    )
    state = resources(begin)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        freeze_gc()
        yield
        for resource in state.values():
            close = getattr(resource, "close", None)
            if close is not None:
                close()
        publisher.close()

    shown = [api.alerts_routes(reached_alerts)] if shows_alerts else []
    return create_api(edge, [*routers, api.router, *shown], lifespan=lifespan, **state)
