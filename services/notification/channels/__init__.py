"""The ways by which organisations are told: each renders, sends, and reads what came back.

``EmailChannel`` is imported from its module, by whoever writes mails: it holds texts.
"""

from services.notification.channels.carriers import CarriedChannel, Carriers
from services.notification.channels.channel import Channel, Channels
from services.notification.channels.webhook import WebhookChannel

__all__ = ["CarriedChannel", "Carriers", "Channel", "Channels", "WebhookChannel"]
