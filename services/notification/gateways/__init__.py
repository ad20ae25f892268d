"""Ways out: calls of partners' systems, and mails handed to our own mail server."""

from services.notification.gateways.mails import MailGateway, MailServer, SmtpGateway
from services.notification.gateways.webhooks import HttpGateway, WebhookGateway

__all__ = ["HttpGateway", "MailGateway", "MailServer", "SmtpGateway", "WebhookGateway"]
