"""My mails: a mailbox and a phone of one's own, when one is told what; and the end by a link.

The link of a mail ends what the mail was optional of, without a log-in. Opening it does nothing: a
scanner and a prefetch see a page with a button. The button, or the mail program itself (RFC 8058),
sends a form; from wherever it comes, the link alone says what it may do.
"""

from typing import Annotated, Any

from fastapi import Form, Response
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.desk import AtDesk, Desk
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent
from services.console.pages.visit import Visit, Visiting
from services.console.views import language_of
from shared.contracts.vocabulary import ChannelKind, Digest, MailLanguage, Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False)

HERE = "/account/mails"
UNSUBSCRIBE = "/unsubscribe"
OK = 200
_MAILBOX, _CODE, _NUMBER, _PHONE_CODE = "mailbox", "code", "number", "phone_code"
WAYS = (ChannelKind.EMAIL, ChannelKind.SMS)


class Mailbox(Sent):
    """A mailbox of one's own."""

    mailbox: str = ""


class Code(Sent):
    """What was sent there."""

    code: str = ""


class Phone(Sent):
    """A phone of one's own."""

    number: str = ""


class PhoneCode(Sent):
    """What was sent there."""

    phone_code: str = ""


class Wishes(Sent):
    """How often and when one wants to be written to."""

    digest: str = ""
    quiet_from: str = ""
    quiet_to: str = ""
    language: str = ""
    is_on_call: str = ""
    urgent_first: str = ""

    def body(self) -> dict[str, Any]:
        """As the API takes it."""
        return {**self.said(), "is_on_call": bool(self.is_on_call)}


@router.get(HERE)
async def show_mails(visit: Visiting) -> HTMLResponse:
    """Where one is written to, and how."""
    return await _page(visit)


@router.post(f"{HERE}/mailbox", dependencies=[FromHere])
async def give_mailbox(form: Annotated[Mailbox, Form()], visit: Visiting) -> Response:
    """Name a mailbox; a code goes there."""
    body = {_MAILBOX: form.mailbox.strip()}
    again = {"wrong": _MAILBOX, "typed": body[_MAILBOX]}
    return await _change(visit, "/me/mailbox", form, body, Done.OWN_MAILBOX_GIVEN, **again)


@router.post(f"{HERE}/code", dependencies=[FromHere])
async def confirm_mailbox(form: Annotated[Code, Form()], visit: Visiting) -> Response:
    """Give the code: from now on one is written to."""
    place, body = "/me/mailbox/confirmation", {_CODE: form.code.strip()}
    return await _change(visit, place, form, body, Done.OWN_MAILBOX_CONFIRMED, wrong=_CODE)


@router.post(f"{HERE}/mailbox/end", dependencies=[FromHere])
async def end_mailbox(form: Annotated[Sent, Form()], visit: Visiting) -> Response:
    """Be written to no more."""
    await visit.change("DELETE", Queue.DIRECTORY, "/me/mailbox", key=form.key)
    return visit.go(HERE, Done.OWN_MAILBOX_ENDED)


@router.post(f"{HERE}/phone", dependencies=[FromHere])
async def give_phone(form: Annotated[Phone, Form()], visit: Visiting) -> Response:
    """Name a phone; a code goes there."""
    body = {_NUMBER: form.number.strip()}
    again = {"wrong": _NUMBER, "number": body[_NUMBER]}
    return await _change(visit, "/me/phone", form, body, Done.OWN_PHONE_GIVEN, **again)


@router.post(f"{HERE}/phone/code", dependencies=[FromHere])
async def confirm_phone(form: Annotated[PhoneCode, Form()], visit: Visiting) -> Response:
    """Give the code: from now on what is urgent may go there."""
    place, body = "/me/phone/confirmation", {_CODE: form.phone_code.strip()}
    return await _change(visit, place, form, body, Done.OWN_PHONE_CONFIRMED, wrong=_PHONE_CODE)


@router.post(f"{HERE}/phone/end", dependencies=[FromHere])
async def end_phone(form: Annotated[Sent, Form()], visit: Visiting) -> Response:
    """Be sent no SMS any more."""
    await visit.change("DELETE", Queue.DIRECTORY, "/me/phone", key=form.key)
    return visit.go(HERE, Done.OWN_PHONE_ENDED)


@router.post(f"{HERE}/settings", dependencies=[FromHere])
async def change_settings(form: Annotated[Wishes, Form()], visit: Visiting) -> Response:
    """Be written to otherwise from now on."""
    again: dict[str, Any] = {"wrong": "quiet_from", "sent": form}
    return await _change(visit, "/me/settings", form, form.body(), Done.OWN_MAILS_CHANGED, **again)


@router.get(f"{UNSUBSCRIBE}/{{link}}")
async def show_unsubscribing(link: str, desk: AtDesk) -> HTMLResponse:
    """What a mail leads to: a button, whatever the link is; nothing is asked and nothing ends."""
    return _unsubscribing(desk, link)


@router.post(f"{UNSUBSCRIBE}/{{link}}")
async def unsubscribe(link: str, desk: AtDesk) -> HTMLResponse:
    """End it. Also for mail programs, which come from nowhere and bring no cookie."""
    token = await desk.apis.as_console()
    how: dict[str, Any] = {"language": language_of(desk.request), "body": {"link": link}}
    try:
        await desk.apis.ask(token, "POST", Queue.DIRECTORY, "/unsubscriptions", **how)
    except Problem as problem:
        return _unsubscribing(desk, link, problem)
    return desk.page("unsubscribed.html", "unsubscribed-title", problem=None)


def _unsubscribing(desk: Desk, link: str, problem: Problem | None = None) -> HTMLResponse:
    return desk.page(
        "unsubscribe.html",
        "unsubscribe-title",
        status=problem.status if problem else OK,
        problem=problem,
        action=f"{UNSUBSCRIBE}/{link}",
    )


async def _change(
    visit: Visit, place: str, form: Sent, body: dict[str, Any], done: Done, **again: Any
) -> Response:
    """Have it so, and say that it is; what is refused is shown ``again`` with what was typed."""
    try:
        await visit.change("POST", Queue.DIRECTORY, place, body=body, key=form.key)
    except Problem as problem:
        return await _page(visit, problem, **again)
    return visit.go(HERE, done)


async def _page(
    visit: Visit,
    problem: Problem | None = None,
    *,
    wrong: str = "",
    typed: str = "",
    number: str = "",
    sent: Wishes | None = None,
) -> HTMLResponse:
    own = await visit.read(Queue.DIRECTORY, "/me/settings")
    return visit.page(
        "own_mails.html",
        "own-mails-title",
        problem=problem,
        wrong=wrong,
        typed=typed,
        number=number,
        own=own,
        said=own if sent is None else sent.model_dump(),
        digests=list(Digest),
        languages=list(MailLanguage),
        ways=WAYS,
    )
