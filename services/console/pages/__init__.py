"""The pages, one module for each group of them."""

from services.console.pages import language, reference, static
from shared.kit.routing import Router

router = Router()
for part in (reference, language, static):
    router.include_router(part.router)

__all__ = ["router"]
