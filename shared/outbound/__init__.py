"""Calls out of the exchange: to addresses that may be called, resolved once, and never for long."""

from shared.outbound.addresses import AddressRules
from shared.outbound.calling import Caller, Heard, NotAnswered, Obstacle

__all__ = ["AddressRules", "Caller", "Heard", "NotAnswered", "Obstacle"]
