"""The pages, one module for each group of them."""

from services.console.pages import (
    account,
    audit,
    case,
    case_acts,
    cases,
    consents,
    find,
    hand_over,
    home,
    identity,
    language,
    log_in,
    offers,
    offers_identity,
    programmes,
    reception,
    reception_check,
    reception_steps,
    reference,
    referrals,
    static,
    support,
    support_facts,
    verification,
    verification_moves,
    why,
)
from shared.kit.routing import Router

router = Router()
for part in (
    home,
    log_in,
    account,
    # Addresses that are words come before those with an id in their place.
    reception,
    reception_check,
    reception_steps,
    find,
    cases,
    hand_over,
    case,
    case_acts,
    identity,
    consents,
    verification,
    verification_moves,
    why,
    audit,
    support,
    support_facts,
    referrals,
    offers,
    offers_identity,
    programmes,
    reference,
    language,
    static,
):
    router.include_router(part.router)

__all__ = ["router"]
