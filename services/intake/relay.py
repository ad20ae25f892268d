"""The relay process of intake."""

from services.intake import domain
from services.intake.settings import IntakeSettings
from shared.contracts import Queue
from shared.messaging.processes.relay import run_relay


def main() -> None:
    """Sweep until told to stop."""
    run_relay(IntakeSettings(), service=Queue.INTAKE, retention=domain.RETENTION)


if __name__ == "__main__":
    main()
