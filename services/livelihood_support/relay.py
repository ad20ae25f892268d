"""The relay process of livelihood support; it also lets offers lapse and retries the unplaced."""

from services.livelihood_support import domain
from services.livelihood_support.settings import LivelihoodSupportSettings
from shared.contracts import Queue
from shared.messaging.processes.relay import run_relay


def main() -> None:
    """Sweep until told to stop."""
    run_relay(
        LivelihoodSupportSettings(),
        service=Queue.LIVELIHOOD_SUPPORT,
        sweeps=[domain.expire_offers, domain.retry_unplaced],
    )


if __name__ == "__main__":
    main()
