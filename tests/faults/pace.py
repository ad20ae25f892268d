"""How long the laboratory's processes wait: less than the product's, or exactly as long.

The suite shortens what only makes a test long. ``LABORATORY=product`` (`make faults`, `make chaos`)
changes nothing of the product's own times, and is more patient itself.
"""

import os
from collections.abc import Mapping

from shared.contracts import Queue
from shared.kit.settings import ServiceSettings

IS_QUICK = os.environ.get("LABORATORY", "quick") != "product"

_SHORT_LEASE = 1.5
LEASE: float = _SHORT_LEASE if IS_QUICK else ServiceSettings.model_fields["lease_seconds"].default

LAB: Mapping[str, str] = {"LAB_LEASE_SECONDS": str(LEASE)} if IS_QUICK else {}
"""Settings of a process of the laboratory that are not the product's own."""

EXCHANGE: Mapping[str, str] = (
    {
        "NOTIFICATION_RETRY_UNIT_SECONDS": "0.2",
        "NOTIFICATION_DEADLINE_SECONDS": "4",
        "NOTIFICATION_CLAIM_LEASE_SECONDS": "8",
        **{f"{service.upper()}_LEASE_SECONDS": "3" for service in Queue},
    }
    if IS_QUICK
    else {}
)
"""The same of the whole exchange."""

PATIENCE = 1.0 if IS_QUICK else 8.0
"""By how much longer everything may take."""
