"""The pages, one module for each group of them."""

from services.console.pages import account, home, language, log_in, reference, static
from shared.kit.routing import Router

router = Router()
for part in (home, log_in, account, reference, language, static):
    router.include_router(part.router)

__all__ = ["router"]
