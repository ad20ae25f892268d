"""What keeps each of notification's own tables from growing without end."""

from datetime import date, timedelta

from services.notification.policy import CONCLUDED
from shared.kit.columns import listed
from shared.kit.retention import Kept, Pruned, Retention

DECIDED = date(2026, 11, 26)
UNSET = "the period the law asks for is unset, so nothing is deleted"

RETENTION: tuple[Retention, ...] = (
    Kept("organisations", "one row for each organisation the directory has told of", DECIDED),
    Kept("endpoints", "one row for each address the directory has told of", DECIDED),
    Kept("owner_roles", "the areas and days for which each organisation owns cases", DECIDED),
    Kept("case_subscriptions", f"who submitted each case, and where it is; {UNSET}", DECIDED),
    Kept("ownerless_news", "what a case owner has yet to be told; gone when it is told", DECIDED),
    Kept("deliveries", f"who was told what; its key lets no effect happen twice; {UNSET}", DECIDED),
    Pruned(
        "attempts",
        "started_at",
        timedelta(days=90),
        "how each try went is asked within months; how the delivery ended stays with it",
        DECIDED,
        only=f"""EXISTS (
            SELECT FROM deliveries
             WHERE deliveries.id = delivery_id AND state IN ({listed(CONCLUDED)})
               AND concluded_at < now() - :after)""",
    ),
    Kept("key_checks", "one row for each version of a key", DECIDED),
)
"""The tables of messaging and of the kit have their rows in ``shared/messaging/retention.py``."""
