"""Logging in over HTTP, for the console alone: whose key speaks for nobody until somebody is in."""

import base64
from typing import Annotated

from fastapi import Depends, Request, Response

from services.directory import domain, schemas
from services.directory.api.staff import Rules, Vault
from services.directory.errors import AppNotSetUp, LogInRefused
from services.directory.policy import (
    IDLE,
    LONGEST,
    SHORTEST_PASSWORD,
    LogInOutcome,
    LogInRules,
    LogInStep,
    StaffVault,
    address_of,
    hashed,
    is_right,
)
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.errors import DomainError
from shared.kit.http import Edge, Now, edge_of
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.subjects import Subject

router = Router(tags=["log-ins"])

Console = Annotated[Subject, Depends(permitted(Permission.SESSION_BEGIN))]
EdgeOf = Annotated[Edge, Depends(edge_of)]
STEP = refusals(400, 401, 403, 422)
Ended = domain.LogIn | LogInOutcome | DomainError
"""What a step leads to, or how it ended: a refusal that is told is one by its name."""


class Step:
    """What a step of logging in stands on."""

    def __init__(
        self, request: Request, edge: EdgeOf, caller: Console, vault: Vault, rules: Rules
    ) -> None:
        self.edge = edge
        self.vault: StaffVault = vault
        self.rules: LogInRules = rules
        self._actor = caller.actor
        self._tally = request.app.state.tally

    def context(self, place: schemas.PlaceGiven) -> domain.Context:
        """What the domain needs to know of a request."""
        return domain.Context(
            vault=self.vault,
            rules=self.rules,
            place=domain.Place(place.device, place.source, place.device_token),
            now=self.edge.clock(),
            actor=self._actor,
            tally=self._tally,
        )

    def shown(self, log_in: Ended) -> schemas.LogInRead:
        """The answer to a right step; raises what is told of any other, mostly ``LogInRefused``."""
        if isinstance(log_in, DomainError):
            raise log_in
        if isinstance(log_in, LogInOutcome):
            raise AppNotSetUp if log_in is LogInOutcome.NOT_SET_UP else LogInRefused
        is_done = log_in.step is LogInStep.DONE
        secret = log_in.authenticator
        return schemas.LogInRead(
            step=log_in.step,
            log_in=None if is_done else log_in.begun.token,
            authenticator=None if secret is None else app_read(secret, log_in.user_name),
            session=log_in.begun.token if is_done else None,
            session_id=log_in.begun.session.id if is_done else None,
            recovery_codes=list(log_in.recovery_codes),
            device_token=log_in.device_token,
            second_factor_required=self.rules.is_second_factor_required,
        )


def app_read(secret: bytes, user_name: str) -> schemas.Authenticator:
    """What an authenticator app is set up with."""
    return schemas.Authenticator(
        secret=base64.b32encode(secret).decode(), address=address_of(secret, user_name=user_name)
    )


def challenge_read(challenged: domain.Challenged | None) -> schemas.ChallengeRead:
    """What a passkey has to sign, or that there is none."""
    if challenged is None:
        return schemas.ChallengeRead(passkey=None)
    return schemas.ChallengeRead(
        passkey=schemas.PasskeyChallenge(
            rp_id=challenged.rp_id,
            challenge=schemas.written(challenged.challenge),
            credential_ids=[schemas.written(each) for each in challenged.credential_ids],
        )
    )


StepOf = Annotated[Step, Depends()]


@router.get("/log-ins/rules", responses=refusals(401, 403))
def read_rules(rules: Rules, _caller: Console) -> schemas.LogInRulesRead:
    """Read what this installation has decided about logging in."""
    return schemas.LogInRulesRead(
        second_factor_required=rules.is_second_factor_required,
        shortest_password=SHORTEST_PASSWORD,
        idle_minutes=int(IDLE.total_seconds()) // 60,
        longest_hours=int(LONGEST.total_seconds()) // 3600,
    )


@router.post("/log-ins", responses=STEP)
def begin_log_in(body: schemas.LogInStart, step: StepOf) -> schemas.LogInRead:
    """Begin to log in with a user name and a password.

    Whatever is wrong, the answer is the same and takes as long: the name, the password, a code, or
    that one has to wait. The password is looked at while no transaction is open.
    """
    context = step.context(body)
    with step.edge.begin() as session:
        claim = domain.claim_log_in(session, user_name=body.user_name.lower(), context=context)
    is_password = is_right(body.password, claim.password_hash)
    with step.edge.begin() as session:
        concluded = domain.conclude_log_in(
            session, claim=claim, is_right=is_password, code=body.code, context=context
        )
    return step.shown(concluded)


@router.post("/log-ins/second-factor", responses=STEP)
def give_second_factor(body: schemas.SecondFactorGiven, step: StepOf) -> schemas.LogInRead:
    """Give the code or the passkey that a log-in still needs, or an app's first code."""
    with step.edge.begin() as session:
        taken = domain.take_second_step(
            session, token=body.log_in, shown=body.given(), context=step.context(body)
        )
    return step.shown(taken)


@router.post("/log-ins/passkey", responses=STEP)
def ask_passkey(body: schemas.StepToken, step: StepOf) -> schemas.ChallengeRead:
    """Ask what a passkey has to sign as the second step, if this person has one.

    The answer is good once, for five minutes, and for this log-in alone.
    """
    with step.edge.begin() as session:
        challenged = domain.ask_passkeys(session, token=body.log_in, rules=step.rules)
    return challenge_read(challenged)


@router.post("/log-ins/link", responses=STEP)
def redeem_link(body: schemas.LinkRedeemed, step: StepOf) -> schemas.LogInRead:
    """Set a password with the code of a link or slip; all other sessions of the account end.

    The code is used up by this, and not by a password that is refused. Codes that are none are
    counted by the address they come from.
    """
    context = step.context(body)
    with step.edge.begin() as session:
        claim = domain.claim_link(session, code=body.code, context=context)
    kept = hashed(body.password) if claim.is_there else ""
    with step.edge.begin() as session:
        redeemed = domain.redeem_link(
            session,
            claim=claim,
            code=body.code,
            password=body.password,
            password_hash=kept,
            context=context,
        )
    return step.shown(redeemed)


@router.post("/log-ins/log-out", status_code=204, responses=STEP)
def log_out(body: schemas.SessionToken, step: StepOf, now: Now) -> Response:
    """End a session; one that is over is no fault."""
    with step.edge.begin() as session:
        domain.log_out(session, token=body.session, now=now)
    return Response(status_code=204)
