"""What keeps each of notification's own tables from growing without end."""

from datetime import date, timedelta

from services.notification.policy import CONCLUDED, OVER
from shared.kit.columns import listed
from shared.kit.retention import Kept, Pruned, Reduced, Retention

DECIDED = date(2026, 11, 26)
PERSONS_DECIDED = date(2026, 11, 28)
SHOWN = timedelta(days=365)
"""For how long a notice stands in the inbox, and who read it is kept. No period of any law: people
look for what they were told this year. The delivery itself stays, and its duty has a page of its
own for as long as it is open."""
BODIES = timedelta(days=7)
"""For how long a notice is kept in full after it is over. No period of any law."""
BODIES_DECIDED = date(2026, 11, 28)
RECORDED = BODIES
"""For how long one can look at what a sandbox would have sent."""
RECORDED_DECIDED = date(2026, 11, 28)
CARRIERS_DECIDED = date(2026, 11, 28)
UNSET = "the period the law asks for is unset, so nothing is deleted"

REDUCED = """
    is_reduced = true, body = jsonb_set(body, '{data}', (
        SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(body -> 'data')
         WHERE right(key, 3) = '_id' OR key = 'link'))
"""
"""A notice in the inbox leads to what it is about by ids and a link, and says what happened by its
type; the codes of needs, answers and reasons go. What waits for somebody stays as it is."""

RETENTION: tuple[Retention, ...] = (
    Kept("organisations", "one row for each organisation the directory has told of", DECIDED),
    Kept("channels", "one row for each way of telling", DECIDED),
    Kept("carriers", "one row for each mail server and gateway of SMS", CARRIERS_DECIDED),
    Pruned(
        "carrier_minutes",
        "minute",
        timedelta(days=1),
        "whether a carrier is well is decided by minutes; how each try ended stays with it",
        CARRIERS_DECIDED,
    ),
    Kept("replays", "one row for each time somebody had many deliveries sent again", DECIDED),
    Kept("endpoints", "one row for each address the directory has told of", DECIDED),
    Kept("owner_roles", "the areas and days for which each organisation owns cases", DECIDED),
    Kept("case_subscriptions", f"who submitted each case, and where it is; {UNSET}", DECIDED),
    Kept("ownerless_news", "what a case owner has yet to be told; gone when it is told", DECIDED),
    Reduced(
        "deliveries",
        "concluded_at",
        BODIES,
        REDUCED,
        "what was told in codes is looked into within days; who was told of what, and how it ended,"
        f" stays, and its key lets no effect happen twice; {UNSET}",
        BODIES_DECIDED,
        only=f"state IN ({listed(OVER)}) AND NOT is_reduced",
    ),
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
    Pruned(
        "notice_readings",
        "read_at",
        SHOWN,
        "a notice is read after it was made, and leaves the inbox as long after that",
        DECIDED,
    ),
    Pruned(
        "recordings",
        "recorded_at",
        RECORDED,
        "what a sandbox would have sent is looked at by whoever tries it; what it says stands in"
        " its delivery",
        RECORDED_DECIDED,
    ),
    Kept("person_messages", f"which message to a person left, by ids; {UNSET}", PERSONS_DECIDED),
    Pruned(
        "personal_mails",
        "created_at",
        timedelta(days=90),
        "a digest is made once for its hour, day or week; how it went is asked within months",
        date(2026, 11, 28),
    ),
    Pruned(
        "personal_mail_items",
        "told_at",
        SHOWN,
        "what was written once is not written again while its notice stands in the inbox",
        date(2026, 11, 28),
    ),
    Kept("templates", "every version of a text; a delivery names the one it said", DECIDED),
    Kept("key_checks", "one row for each version of a key", DECIDED),
)
"""The tables of messaging and of the kit have their rows in ``shared/messaging/retention.py``."""
