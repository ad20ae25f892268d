"""Worker and relay of verification in one process, for a small server."""

from services.verification import tasks
from services.verification.relay import DUTIES
from services.verification.settings import VerificationSettings
from shared.messaging.processes.back import run_back


def main() -> None:
    """Consume and sweep until told to stop."""
    run_back(VerificationSettings(), tasks.consumer, DUTIES)


if __name__ == "__main__":
    main()
