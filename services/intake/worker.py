"""The worker process of intake."""

from services.intake import tasks
from services.intake.settings import IntakeSettings
from shared.messaging.processes.worker import run_worker


def main() -> None:
    """Consume the service's queue until told to stop."""
    run_worker(IntakeSettings(), tasks.consumer)


if __name__ == "__main__":
    main()
