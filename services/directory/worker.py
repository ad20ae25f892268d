"""The worker process of the directory."""

from services.directory import tasks
from services.directory.settings import DirectorySettings
from shared.messaging.processes.worker import run_worker


def main() -> None:
    """Consume the service's queue until told to stop."""
    run_worker(DirectorySettings(), tasks.consumer)


if __name__ == "__main__":
    main()
