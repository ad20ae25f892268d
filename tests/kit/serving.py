"""Verification's HTTP process with other routes: those of the tiny service, some of which fail."""

from fastapi import FastAPI

from services.verification.settings import VerificationSettings
from shared.contracts import Queue
from shared.messaging.processes.api import create_service
from tests.kit import things


def create() -> FastAPI:
    """The application, composed from the environment."""
    return create_service(
        VerificationSettings(), service=Queue.VERIFICATION, title="Things", routers=[things.router]
    )
