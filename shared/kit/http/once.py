"""Creating requests: each has its effect once, and every repeat of it gets the first answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from shared.kit import audit, idempotency, problems, strict_json
from shared.kit.addresses import action_of, object_of, place_of
from shared.kit.auth import subject_of
from shared.kit.database import retry_on_conflict, savepoint
from shared.kit.errors import STATUS_OF_KIND, DomainError, Forbidden, NotFound, NotYet
from shared.kit.http.edge import Edge, edge_of
from shared.kit.idempotency import Answer, Attempt
from shared.kit.subjects import Subject
from shared.kit.tally import Tally

Outcome = Answer | DomainError
Act = Callable[[Session, datetime], Outcome]
Reveal = Callable[[Session, Answer], dict[str, Any]]


@dataclass(frozen=True)
class Asked:
    """Who asks what under which key, and the thing a refusal is about."""

    attempt: Attempt
    actor: str
    object_id: UUID


def answer_once(
    session: Session,
    asked: Sequence[Asked],
    act: Callable[[Sequence[int]], Sequence[Outcome]],
    *,
    now: datetime,
) -> list[Outcome]:
    """Answer requests in order: a repeat as the first time, the others by ``act``.

    ``act`` gets the places of those that are new and returns an outcome for each. A refusal is
    kept like any answer, and a ``NotYet`` is not: the very same request becomes possible shortly.
    What cannot be answered under its key, as for another body, is returned as a refusal.
    """
    outcomes = idempotency.recall(session, [each.attempt for each in asked])
    fresh = [place for place, known in enumerate(outcomes) if known is None]
    kept: list[tuple[Attempt, Answer]] = []
    for place, outcome in zip(fresh, act(fresh), strict=True):
        outcomes[place] = outcome if isinstance(outcome, NotYet) else stored(outcome)
        if isinstance(outcomes[place], Answer):
            kept.append((asked[place].attempt, stored(outcome)))
    idempotency.remember(session, kept, now=now)
    return [outcome for outcome in outcomes if outcome is not None]


def stored(outcome: Outcome) -> Answer:
    """What the ledger of keys keeps: refusals are answers too."""
    if isinstance(outcome, Answer):
        return outcome
    return Answer(
        STATUS_OF_KIND[outcome.kind],
        problems.members(outcome),
        problems.headers(outcome),
    )


def record_refusal(
    session: Session,
    asked: Asked,
    refusal: DomainError,
    *,
    now: datetime,
    times: int = 1,
) -> None:
    """Add to the audit that this request was refused, and why as a code.

    ``times`` says how many of this kind there were, where not each of them is an entry.
    """
    audit.record(
        session,
        actor=asked.actor,
        action=asked.attempt.route,
        object_id=asked.object_id,
        now=now,
        outcome=refusal.code(),
        **({"times": times} if times > 1 else {}),
    )


def respond(answer: Answer, body: dict[str, Any] | None = None) -> JSONResponse:
    """The response an answer is sent as; a refusal in the words of whoever asks this time."""
    if not answer.is_success:
        return problems.ProblemResponse(answer.body, answer.status, answer.headers)
    content = answer.body if body is None else body
    return JSONResponse(content, answer.status, headers=answer.headers)


class Once:
    """One creating request and the transaction it is answered in."""

    def __init__(
        self, edge: Edge, asked: Asked, *, action: Callable[[], str], tally: Tally
    ) -> None:
        self._edge = edge
        self._action = action
        self.asked = asked
        self.tally = tally

    def answer(self, act: Act, *, reveal: Reveal | None = None) -> JSONResponse:
        """Act in one transaction, or repeat the stored answer.

        ``act`` may raise a refusal, which undoes its effects and is recorded here, or return one
        that it has recorded itself. ``reveal`` adds to the body what must not be stored, read
        again at every repeat.
        """
        outcome, body = retry_on_conflict(lambda: self._transact(act, reveal))
        if isinstance(outcome, DomainError):
            raise outcome
        return respond(outcome, body)

    def _transact(self, act: Act, reveal: Reveal | None) -> tuple[Outcome, dict[str, Any] | None]:
        now = self._edge.clock()
        with self._edge.begin() as session:
            outcome = answer_once(
                session,
                [self.asked],
                lambda fresh: [self._act(session, act, now) for _ in fresh],
                now=now,
            )[0]
            if reveal is None or isinstance(outcome, DomainError) or not outcome.is_success:
                return outcome, None
            return outcome, reveal(session, outcome)

    def _act(self, session: Session, act: Act, now: datetime) -> Outcome:
        try:
            with savepoint(session):
                return act(session, now)
        except DomainError as refusal:
            self._record(session, refusal, now)
            return refusal

    def _record(self, session: Session, refusal: DomainError, now: datetime) -> None:
        """What is not there for a caller, or not yet, may be asked for again and again."""
        times: int | None = 1
        if isinstance(refusal, Forbidden | NotFound | NotYet):
            times = self.tally.count((self.asked.actor, self._action(), refusal.code()), now)
        if times is not None:
            record_refusal(session, self.asked, refusal, now=now, times=times)


async def attempt_of(
    request: Request,
    caller: Annotated[Subject, Depends(subject_of)],
    _key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="A key of your own making, as a quoted string (RFC 9651) or a plain UUID."
            " The same request under the same key gets the first answer again, for 30 days.",
            json_schema_extra={"maxLength": idempotency.LONGEST},
        ),
    ] = None,
) -> Attempt:
    """Dependency: this request as the ledger of keys knows it.

    It is the same request if it states the same, however its JSON and its ids are written, from
    the same version: another ``If-Match`` asks for another thing.
    """
    lines = request.headers.getlist("idempotency-key")
    sent = await request.body()
    stated = strict_json.canonical(await request.json()) if sent else b""
    return Attempt(
        client_id=caller.key_owner,
        route=f"{request.method} {place_of(request)}",
        key=idempotency.parse_key(", ".join(lines) if lines else None),
        fingerprint=idempotency.fingerprint(stated, *request.headers.getlist("if-match")),
        former=idempotency.fingerprint(sent),
    )


async def asked_by(
    request: Request,
    caller: Annotated[Subject, Depends(subject_of)],
    attempt: Annotated[Attempt, Depends(attempt_of)],
) -> Asked:
    """Dependency: who asks what, and of which thing."""
    return Asked(attempt, caller.actor, object_of(request))


async def _once(
    request: Request,
    edge: Annotated[Edge, Depends(edge_of)],
    asked: Annotated[Asked, Depends(asked_by)],
) -> Once:
    tally: Tally = request.app.state.tally
    return Once(edge, asked, action=partial(action_of, request), tally=tally)


OnceOnly = Annotated[Once, Depends(_once)]
