"""What sets notification to work: messages of other services, and what has become due."""

from services.notification.tasks.messages import consumer

__all__ = ["consumer"]
