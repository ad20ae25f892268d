"""The worker process of livelihood support."""

from services.livelihood_support import tasks
from services.livelihood_support.settings import LivelihoodSupportSettings
from shared.messaging.processes.worker import run_worker


def main() -> None:
    """Consume the service's queue until told to stop."""
    run_worker(LivelihoodSupportSettings(), tasks.consumer)


if __name__ == "__main__":
    main()
