"""Which codes databases came to allow, step by step, of vocabularies that several services keep."""

_ORGANISATION_KINDS = (
    (
        "border_guard", "coast_guard", "commune_committee", "employment_centre",
        "health_authority", "hospital", "hotline", "legal_aid_centre", "mission", "operations",
        "peer_group", "police", "policy_bank", "social_affairs", "support_facility",
        "vocational_school", "womens_union",
    ),
    ("mass_organisation", "volunteer_team"),
)  # fmt: skip
"""What each step added."""

_ROLES = (
    (
        "administrator", "auditor", "case_owner", "community", "facility", "operator", "protector",
        "provider", "receiver", "verifier",
    ),
    ("manager",),
    ("console",),
)  # fmt: skip


def organisation_kinds(*, step: int) -> tuple[str, ...]:
    """The kinds of organisations that a database allows once it has taken this step."""
    return tuple(kind for added in _ORGANISATION_KINDS[:step] for kind in added)


def roles(*, step: int) -> tuple[str, ...]:
    """The roles that a database allows once it has taken this step."""
    return tuple(role for added in _ROLES[:step] for role in added)
