"""An exchange of which one service does not answer."""

from typing import Any

from services.console.clients import Exchange, ServiceDown
from shared.contracts.vocabulary import Queue


class Without:
    """The APIs of an exchange in which one service does not answer."""

    def __init__(self, exchange: Exchange, service: Queue) -> None:
        self._exchange, self._service = exchange, service

    def __getattr__(self, name: str) -> Any:
        return getattr(self._exchange, name)

    async def ask(self, token: str, method: str, service: Queue, path: str, **how: Any) -> Any:
        if service == self._service:
            raise ServiceDown
        return await self._exchange.ask(token, method, service, path, **how)
