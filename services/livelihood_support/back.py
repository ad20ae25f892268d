"""Worker and relay of livelihood support in one process, for a small server."""

from services.livelihood_support import tasks
from services.livelihood_support.relay import duties
from services.livelihood_support.settings import LivelihoodSupportSettings
from shared.messaging.processes.back import run_back


def main() -> None:
    """Consume and sweep until told to stop."""
    settings = LivelihoodSupportSettings()
    run_back(settings, tasks.consumer, duties(settings))


if __name__ == "__main__":
    main()
