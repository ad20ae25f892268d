"""The pages, one module for each group of them."""

from services.console.pages import (
    account,
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
    reference,
    static,
)
from shared.kit.routing import Router

router = Router()
for part in (
    home,
    log_in,
    account,
    find,
    cases,
    hand_over,
    case,
    case_acts,
    identity,
    consents,
    reference,
    language,
    static,
):
    router.include_router(part.router)

__all__ = ["router"]
