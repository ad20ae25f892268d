"""Migrates the tables of this service, messaging's and the kit's among them."""

from services.livelihood_support.models import METADATA
from shared.kit.migrations import run

run(METADATA)
