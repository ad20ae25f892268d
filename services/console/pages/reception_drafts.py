"""What the pages of reception share: a draft as its owner sees it, and how an API answers them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import Request
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.reception_body import communes
from services.console.pages.reception_fields import STEPS, Typed, count_of, typed_in
from services.console.pages.reception_told import told_again
from services.console.pages.visit import Visit
from shared.contracts.vocabulary import Queue

RECEPTION = "/reception"
SENT = "/reception/sent"
SPARE = 2
"""How many more entries of a list there is room for each time."""
SUBMITTED, CHANGED = "draft-submitted", "version-changed"
OK, LATE = 200, 412


@dataclass(frozen=True, repr=False)
class Answers:
    """What was typed into a section, for its template."""

    typed: Typed

    def one(self, name: str) -> str:
        """The value of a field that has one."""
        return next(iter(self.typed.get(name, ())), "")

    def many(self, name: str) -> Sequence[str]:
        """The values of a field that may have several."""
        return self.typed.get(name, ())

    def has(self, prefix: str) -> bool:
        """Whether anything was typed there."""
        return any(name.startswith(f"{prefix}.") for name in self.typed)

    def first(self, prefix: str) -> range:
        """The entries of a list to show at once: those typed, and always one."""
        return range(max(1, count_of(self.typed, prefix)))

    def spare(self, prefix: str) -> range:
        """Room for more of them."""
        there = self.first(prefix).stop
        return range(there, there + SPARE)


@dataclass(frozen=True, repr=False)
class Draft:
    """A draft that was read, or the one that is to be begun."""

    id: UUID | None
    version: str
    told: dict[str, Any]

    @property
    def path(self) -> str:
        """Where its pages are."""
        return f"{RECEPTION}/{self.id or 'new'}"

    def typed(self, section: str) -> Typed:
        """What is kept of a section."""
        found: Typed = self.told.get("typed", {}).get(section, {})
        return found


NEW = Draft(None, "", {})


async def draft_of(visit: Visit, draft_id: UUID) -> Draft:
    """Read a draft; raises ``Problem``."""
    told = await visit.read(Queue.INTAKE, f"/drafts/{draft_id}")
    return Draft(draft_id, str(told["version"]), told)


def sent_of(draft: Draft) -> str | None:
    """Where the receipt of a draft is that was submitted."""
    case_id = draft.told.get("case_id")
    return f"{SENT}/{case_id}" if case_id else None


def receipt_named_in(problem: Problem) -> str | None:
    """The same, where the API says that it was submitted meanwhile."""
    return f"{SENT}/{problem.told['case_id']}" if problem.code == SUBMITTED else None


def typed_of(request: Request, section: str) -> dict[str, list[str]]:
    """What the form of a section says."""
    return typed_in(section, request.state.form.multi_items())


def told_by(request: Request, name: str) -> str:
    """One value of the form: a key, a version, a choice of button."""
    value = request.state.form.get(name, "")
    return value if isinstance(value, str) else ""


def beside_fields(problem: Problem) -> Problem:
    """A problem of a section as it was typed, with the names of its fields (RFC 6901)."""
    errors = [
        {
            "pointer": each.field.removeprefix("answers.").rpartition(".")[0],
            "message": each.said,
            "rule": error["rule"],
        }
        for each, error in zip(problem.errors, problem.told.get("errors", ()), strict=True)
    ]
    return Problem(problem.status, problem.code, problem.title, {"errors": errors})


def step_page(
    visit: Visit,
    draft: Draft,
    section: str,
    *,
    typed: Typed | None = None,
    problem: Problem | None = None,
    back: str = "",
) -> HTMLResponse:
    """The page of a section, with what is kept of it or what was typed just now."""
    is_late = problem is not None and problem.code == CHANGED
    return visit.page(
        f"reception_{section}.html",
        f"step-{section}",
        status=problem.status if problem is not None and typed is not None else OK,
        problem=None if is_late else problem,
        answers=Answers(draft.typed(section) if typed is None else typed),
        draft=draft,
        section=section,
        place=STEPS.index(section) + 1,
        places=len(STEPS),
        back=back,
        kept=told_again(draft.typed(section), section) if is_late else None,
        communes=communes(),
    )
