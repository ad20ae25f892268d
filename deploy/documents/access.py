"""``docs/access.md``: who may do what, to which things."""

from shared.access import NOTED, PERMISSIONS, Permission, Scope
from shared.access.demands import NEEDS_SECOND_FACTOR
from shared.access.permissions import Row
from shared.contracts.vocabulary import Role

_HEAD = """# Who may do what

Made by `make documents` from `shared/access/permissions.py`; do not edit it here.

Whoever asks, a system or a person, asks as a *subject* of one organisation with *grants*: a role in
an area, from a day to a day. A permission is held through a role and reaches the things of its
*scopes*. What is outside of them is not there (404), in lists as in single reads. What decides more
finely (a consent, a part in a case, a status) is asked by the use case, and said with its route.
What is marked `*` is an entry of the audit each time that somebody reads by it, of repeats within
an hour a few ([0042](adr/0042-who-reads-is-noted.md)); acts and refusals always are.

| scope | which things |
|---|---|
| own | the organisation is a party: it submitted the case, or the thing is its own |
| assigned | the thing was given to the organisation to verify, to shelter, to answer or to own |
| area | the role is held today for an area that covers the place of the thing |
| all | every thing |

Permissions marked ² let a person see who somebody is, decide, administer or operate: a person acts
in a role that has one of them only after a second factor.
"""


def render() -> str:
    """The whole page."""
    rows = [
        f"| {_named_so(name)} | {row.says} | {_who(row)} |" for name, row in PERMISSIONS.items()
    ]
    return "\n".join(
        [_HEAD, "| permission | what | who: to which things |", "|---|---|---|", *rows, ""]
    )


def _named_so(permission: Permission) -> str:
    marks = ("²", permission in NEEDS_SECOND_FACTOR), (" *", permission in NOTED)
    return f"`{permission}`" + "".join(mark for mark, is_so in marks if is_so)


def _who(row: Row) -> str:
    return "; ".join(f"{who}: {_scopes(scopes)}" for who, scopes in _named(row))


def _named(row: Row) -> list[tuple[str, frozenset[Scope]]]:
    """By role; those that everybody has, once."""
    commonest = max(row.reach.values(), key=list(row.reach.values()).count)
    if len(row.reach) < len(Role):
        return [(str(role), scopes) for role, scopes in row.reach.items()]
    others = [(str(role), it) for role, it in row.reach.items() if it != commonest]
    return [*others, ("everybody else" if others else "everybody", commonest)]


def _scopes(scopes: frozenset[Scope]) -> str:
    return " or ".join(scope for scope in Scope if scope in scopes)
