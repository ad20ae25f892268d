"""Ways out: calls of partners' systems and of our own, and mails handed to our own mail server.

``ExchangeGateway``, which asks all our services, is imported from its module by whoever asks.
"""

from services.notification.gateways.intake import ContactGateway, IntakeGateway
from services.notification.gateways.mails import MailGateway, MailServer, SmtpGateway
from services.notification.gateways.webhooks import HttpGateway, WebhookGateway

__all__ = [
    "ContactGateway",
    "HttpGateway",
    "IntakeGateway",
    "MailGateway",
    "MailServer",
    "SmtpGateway",
    "WebhookGateway",
]
