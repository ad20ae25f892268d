"""The route that takes cases, without its database: checked, sealed, answered, forgotten."""

from concurrent.futures import Future

from fastapi import FastAPI

from services.intake import api, domain
from services.intake.api.reception import Submission, answer
from services.intake.policy import CaseStatus
from services.intake.settings import IntakeApiSettings
from shared.contracts import Queue
from shared.kit.crypto import MasterKeys
from shared.kit.errors import DomainError
from shared.kit.idempotency import Answer
from shared.messaging.processes.api import create_service


class Forgetful:
    """A desk that answers at once and keeps nothing."""

    def submit(self, submission: Submission) -> Future[Answer]:
        """The answer a stored case would get."""
        future: Future[Answer] = Future()
        if isinstance(submission.case, DomainError):
            future.set_exception(submission.case)
            return future
        facts = submission.case
        received = domain.Received(
            case_id=facts.case_id,
            code=domain.draw_code(facts.name, 0),
            received_at=facts.codes.received_at,
            status=CaseStatus.RECEIVED,
            warnings=facts.codes.warnings,
        )
        future.set_result(answer(received))
        return future


def create() -> FastAPI:
    """Intake's application with that desk."""
    settings = IntakeApiSettings()
    keys = MasterKeys.load(settings.master_keys_file)
    return create_service(
        settings,
        service=Queue.INTAKE,
        title="Intake",
        routers=[api.router],
        resources=lambda _begin: {"desk": Forgetful(), "master_keys": keys},
    )
