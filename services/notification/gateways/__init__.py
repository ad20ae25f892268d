"""Calls out to partners' systems, behind a protocol."""

from services.notification.gateways.posting import LARGEST_ANSWER, HttpGateway, WebhookGateway

__all__ = ["LARGEST_ANSWER", "HttpGateway", "WebhookGateway"]
