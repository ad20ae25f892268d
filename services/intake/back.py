"""Worker and relay of intake in one process, for a small server."""

from services.intake import tasks
from services.intake.relay import DUTIES
from services.intake.settings import IntakeSettings
from shared.messaging.processes.back import run_back


def main() -> None:
    """Consume and sweep until told to stop."""
    run_back(IntakeSettings(), tasks.consumer, DUTIES)


if __name__ == "__main__":
    main()
