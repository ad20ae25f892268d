"""Worker and relay of the directory in one process, for a small server."""

from services.directory import tasks
from services.directory.relay import DUTIES
from services.directory.settings import DirectorySettings
from shared.messaging.processes.back import run_back


def main() -> None:
    """Consume and sweep until told to stop."""
    run_back(DirectorySettings(), tasks.consumer, DUTIES)


if __name__ == "__main__":
    main()
