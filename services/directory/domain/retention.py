"""What keeps each of the directory's own tables from growing without end."""

from datetime import date, timedelta

from services.directory.policy import KNOWN_FOR
from shared.kit.retention import Kept, Pruned, Retention

DECIDED = date(2026, 11, 26)

RETENTION: tuple[Retention, ...] = (
    Kept("organisations", "who took part when: former states of a case are read by it", DECIDED),
    Kept("organisation_roles", "roles are dated, and those that ended explain decisions", DECIDED),
    Kept("programmes", "what was offered when", DECIDED),
    Kept("clients", "one row for each system that ever asked", DECIDED),
    Pruned(
        "client_assertions",
        "expires_at",
        timedelta(days=1),
        "an expired assertion is refused; the day more is for clocks that differ by hours",
        DECIDED,
    ),
    Kept("staff", "the audit names who acted by the ids of these rows", DECIDED),
    Kept("staff_grants", "grants are dated, and those that ended explain what was done", DECIDED),
    Kept(
        "staff_settings",
        "one row for each account; its mailbox is deleted when it is ended, or the account is",
        date(2026, 11, 28),
    ),
    Kept(
        "staff_phones",
        "at most one row for each account; it is deleted when the phone or the account is ended",
        date(2026, 11, 28),
    ),
    Kept("staff_credentials", "one row for each account", DECIDED),
    Kept("staff_passkeys", "at most ten for each account, until their owner removes them", DECIDED),
    Kept("staff_recovery_codes", "at most ten for each account; used ones are gone", DECIDED),
    Pruned(
        "staff_sessions",
        "begun_at",
        timedelta(days=1),
        "no session lasts longer than eight hours; that somebody logged in is in the audit",
        DECIDED,
    ),
    Pruned(
        "staff_devices",
        "used_at",
        KNOWN_FOR,
        "a browser that was not used for so long is known no more",
        DECIDED,
    ),
    Pruned(
        "log_in_failures",
        "last_at",
        timedelta(days=1),
        "counting begins anew after six hours without a failure",
        DECIDED,
    ),
    Kept("endpoints", "one row for each address ever registered", DECIDED),
    Kept(
        "contact_points",
        "one row for each mailbox or phone of an office, and when it was used",
        DECIDED,
    ),
    Kept("identity_providers", "one row for each organisation that has one", DECIDED),
    Kept(
        "rule_proposals",
        "who proposed and published which period; a handful in a year",
        date(2026, 11, 28),
    ),
    Kept("rule_rehearsals", "what two people knew when they published", date(2026, 11, 28)),
    Kept("law_rows", "dates of years ago rest on them; a handful in a year", date(2026, 11, 28)),
    Kept("key_checks", "one row for each version of a key", DECIDED),
)
"""The tables of messaging and of the kit have their rows in ``shared/messaging/retention.py``."""
