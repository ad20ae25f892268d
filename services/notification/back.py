"""Worker, with its sender, and relay of notification in one process, for a small server."""

from services.notification import tasks
from services.notification.relay import duties
from services.notification.settings import NotificationWorkerSettings
from services.notification.worker import companions
from shared.messaging.processes.back import run_back


def main() -> None:
    """Consume, send and sweep until told to stop."""
    settings = NotificationWorkerSettings()
    run_back(settings, tasks.consumer, duties(settings), companions=companions(settings))


if __name__ == "__main__":
    main()
