"""A form that could not be sent on: what was typed stays in the page, to be sent again."""

from collections.abc import Sequence

from fastapi import Request, Response
from starlette.datastructures import FormData

from services.console.views import Views

SECRET = frozenset({"password", "new_password"})
"""What is typed anew rather than kept in a page."""


def kept(request: Request, title: str, lead: str, *, status: int, reference: str = "") -> Response:
    """A page that holds what was sent in hidden fields, and sends it to the same place again.

    Nothing of it is stored anywhere: whoever closes the page has thrown it away. ``reference`` is
    what whoever operates looks for in the log.
    """
    views: Views = request.app.state.views
    return views.page(
        request,
        "kept.html",
        title,
        status=status,
        lead=lead,
        reference=reference,
        is_form=is_sent(request),
        fields=_typed(request),
    )


def is_sent(request: Request) -> bool:
    """Whether a form was sent from a page of ours."""
    return hasattr(request.state, "form")


def _typed(request: Request) -> Sequence[tuple[str, str]]:
    form: FormData = getattr(request.state, "form", FormData())
    return [
        (name, value)
        for name, value in form.multi_items()
        if isinstance(value, str) and name not in SECRET
    ]
