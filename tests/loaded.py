"""What a process that serves no request has no use for, and must not hold all its life."""

from collections.abc import Iterable

HTTP = {"fastapi", "starlette", "uvicorn", "httpx2", "shared.kit.http", "shared.kit.auth"}
COMMAND = {"typer", "rich", "pygments", "celery.bin", "click_repl", "prompt_toolkit", "deploy"}
PREPARING = {"alembic", "mako"}
"""Only migrations need it."""
TEXTS = {"polib", "shared.texts"}
"""Words are for people: in answers to requests and in the command."""
ON_DEMAND = {"holidays"}
"""The calendars of the world, loaded by the first who asks for a day."""
IDLE = HTTP | COMMAND | PREPARING | TEXTS | ON_DEMAND

OF_A_WORKER = {"celery", "billiard.pool"}
"""What only consuming needs."""

OF_THE_API = {"app", "api", "schemas"}
"""Of each service's own files, those that serve requests."""


def needless(modules: Iterable[str], unwanted: set[str]) -> set[str]:
    """Of these modules, those that are unwanted or lie in an unwanted package."""
    return {
        name for name in modules if not unwanted.isdisjoint(_packages(name)) or _is_of_the_api(name)
    }


def _packages(name: str) -> set[str]:
    """The module and every package it lies in."""
    words = name.split(".")
    return {".".join(words[:end]) for end in range(1, len(words) + 1)}


def _is_of_the_api(name: str) -> bool:
    words = name.split(".")
    return words[0] == "services" and len(words) > 2 and words[2] in OF_THE_API
