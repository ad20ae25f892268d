"""The tabs under the header: each leads to a page, and is shown to whoever may open it."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.console.pages.edge import Person
from shared.access import Permission, Scope


@dataclass(frozen=True)
class Tab:
    """One of them."""

    path: str
    text: str
    """The code of its text."""
    permission: Permission
    count_at: str = ""
    """Where the number beside it is asked for, if there is one."""
    scope: Scope | None = None
    """How far the permission has to reach for the page, where that is not all the same."""


TABS = (
    Tab("/", "tab-home", Permission.DUTY_READ, count_at="/duties/count"),
    Tab("/notices", "notices-title", Permission.NOTICE_READ, count_at="/notices/count"),
    Tab("/reception", "tab-reception", Permission.CASE_SUBMIT),
    Tab("/advance-notices", "advance-title", Permission.ADVANCE_NOTICE_READ),
    Tab("/cases", "tab-cases", Permission.CASE_READ),
    Tab("/find", "tab-find", Permission.CASE_SEARCH),
    Tab("/verifications", "tab-verifications", Permission.VERIFICATION_READ),
    Tab("/protections", "tab-protections", Permission.PROTECTION_MOVE),
    Tab("/stays", "tab-stays", Permission.STAY_READ),
    Tab("/readiness", "tab-readiness", Permission.FACILITY_READ),
    Tab("/parts", "tab-parts", Permission.ASSIGNMENT_READ, scope=Scope.OWN),
    Tab("/offers", "tab-offers", Permission.IDENTITY_READ),
    Tab("/programmes", "tab-programmes", Permission.PLACE_READ),
    Tab("/targets", "tab-targets", Permission.TARGET_READ),
    Tab("/certainty", "tab-certainty", Permission.LAW_READ),
    Tab("/rules", "rules-title", Permission.RULE_PROPOSAL_READ),
    Tab("/audit", "tab-audit", Permission.AUDIT_READ),
    Tab("/operations", "ops-tab-operations", Permission.OPERATION_READ),
    Tab("/deliveries", "ops-tab-deliveries", Permission.ENDPOINT_SUSPEND),
    Tab("/staff", "tab-staff", Permission.STAFF_READ),
    Tab("/deliveries/own", "tab-own-deliveries", Permission.STAFF_READ),
    Tab("/templates", "templates-title", Permission.TEMPLATE_READ),
    Tab("/administration", "tab-administration", Permission.ORGANISATION_CHANGE),
    Tab("/account", "tab-account", Permission.ACCOUNT_READ),
)
"""In the order in which they are shown."""


@dataclass(frozen=True)
class Shown:
    """A tab on a page."""

    path: str
    text: str
    is_current: bool
    count_at: str


def tabs_of(person: Person, path: str) -> Sequence[Shown]:
    """The tabs of a person; the one that a page belongs to is marked."""
    return [
        Shown(tab.path, tab.text, _leads_to(tab.path, path), tab.count_at)
        for tab in TABS
        if person.may(tab.permission, tab.scope)
    ]


def _leads_to(tab: str, path: str) -> bool:
    return path == tab or (tab != "/" and path.startswith(f"{tab}/"))
