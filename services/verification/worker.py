"""The worker process of verification."""

from services.verification import tasks
from services.verification.settings import VerificationSettings
from shared.messaging.processes.worker import run_worker


def main() -> None:
    """Consume the service's queue until told to stop."""
    run_worker(VerificationSettings(), tasks.consumer)


if __name__ == "__main__":
    main()
