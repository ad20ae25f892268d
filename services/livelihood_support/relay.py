"""The relay process of livelihood support; it also lets offers lapse and retries the unplaced."""

from services.livelihood_support import domain
from services.livelihood_support.settings import LivelihoodSupportSettings
from shared.contracts import Queue
from shared.messaging.processes.relay import run_relay
from shared.messaging.sweeps import Sweep


def main() -> None:
    """Sweep until told to stop."""
    run_relay(
        LivelihoodSupportSettings(),
        service=Queue.LIVELIHOOD_SUPPORT,
        sweeps=[
            Sweep("expire_offers", domain.expire_offers),
            Sweep("retry_unplaced", domain.retry_unplaced),
        ],
    )


if __name__ == "__main__":
    main()
