"""Migrates the tables of this service, messaging's and the kit's among them."""

from services.notification.models import METADATA
from shared.kit.migrations import run

run(METADATA)
