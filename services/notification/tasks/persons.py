"""Sends messages to persons: claim (transaction), ask intake and hand over (none), record.

One after the other, for there are few. A kill between the claim and its record leaves a message
that may have left: when its lease ends it is `unknown`, and nobody sends it again.

Intake answers once. So where a gateway has certainly sent nothing, the next one is asked within the
same try; which one that is, is written down before it is asked.
"""

from collections.abc import Callable
from functools import partial
from random import Random, SystemRandom
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from services.notification import domain
from services.notification.channels.carriers import Carriers
from services.notification.domain import Called, ClaimedMessage
from services.notification.gateways import ContactGateway
from services.notification.policy import (
    AttemptOutcome,
    Disclosed,
    PersonMessageState,
    PersonTry,
    Refused,
    TellingText,
    TextTooLong,
    has_certainly_stayed,
    try_handed_over,
    try_refused,
)
from services.notification.tasks.rounds import Rounds
from shared.contracts.vocabulary import ChannelKind
from shared.kit.database import Begin, database_now, retry_on_conflict
from shared.kit.logging import logger
from shared.messaging.pulse import Beat, unwatched

if TYPE_CHECKING:
    # It holds texts, and is made where there is a gateway to hand them to.
    from services.notification.channels.sms import SmsChannel

LOOK = 2.0
"""Seconds after which it looks without a reason: something has come due, or a lease has ended."""
NOT_SENT = PersonTry(PersonMessageState.NOT_SENT)


class PersonSender:
    """Sends what is due to persons, until stopped."""

    def __init__(
        self,
        begin: Begin,
        intake: ContactGateway,
        phones: "Carriers[SmsChannel] | None",
        *,
        lease_seconds: float,
        unit_seconds: float,
        rng: Random | None = None,
        on_death: Callable[[], None],
        beat: Beat = unwatched,
    ) -> None:
        """Without ``phones`` nothing can be sent, and whoever asked is told so."""
        self._begin = begin
        self._intake = intake
        self._phones = phones
        self._rng = rng or SystemRandom()
        self._lease_seconds = lease_seconds
        self._unit_seconds = unit_seconds
        self._rounds = Rounds("person_sender", self.turn, look=LOOK, on_death=on_death, beat=beat)

    def start(self) -> None:
        """Begin to send."""
        self._rounds.start()

    def committed(self, session: Session) -> None:
        """A frame was committed: look at once if it has made something due."""
        if domain.has_made_due(session):
            self._rounds.wake()

    def stop(self) -> None:
        """Claim nothing more, write down the call under way, stop."""
        self._rounds.stop()
        self._intake.close()
        if self._phones is not None:
            self._phones.close()

    def turn(self) -> bool:
        """Send what is due first; returns whether anything was."""
        claimed = retry_on_conflict(self._claim)
        if claimed is None:
            return False
        ended = self._send(claimed)
        retry_on_conflict(lambda: self._record(claimed, ended))
        return True

    def _claim(self) -> ClaimedMessage | None:
        with self._begin() as session:
            now = database_now(session)
            return domain.claim_message(session, lease_seconds=self._lease_seconds, now=now)

    def _record(self, claimed: ClaimedMessage, ended: PersonTry) -> None:
        with self._begin() as session:
            domain.record_try(
                session,
                claimed=claimed,
                ended=ended,
                unit_seconds=self._unit_seconds,
                now=database_now(session),
            )

    def _send(self, claimed: ClaimedMessage) -> PersonTry:
        """Ask, and hand over what is answered: nothing of it outlives this call."""
        if self._phones is None:
            return NOT_SENT
        told = self._intake.ask(claimed.message_id)
        if isinstance(told, Refused):
            return try_refused(told.reason)
        if not isinstance(told, Disclosed):
            return PersonTry(None)
        try:
            return try_handed_over(self._handed_over(self._phones, claimed, told))
        except (TellingText, TextTooLong) as fault:
            logger().error("text_not_sent", error=type(fault).__name__)
            return NOT_SENT

    def _handed_over(
        self, phones: "Carriers[SmsChannel]", claimed: ClaimedMessage, told: Disclosed
    ) -> AttemptOutcome:
        """By one gateway after the other, until one has it, or may have it, or all have failed."""
        failed: set[str] = set()
        # What cannot be sent by any is not given to any.
        phones.named(None).render_disclosed(claimed.id, told)
        while True:
            name = retry_on_conflict(partial(self._give, phones, claimed, frozenset(failed)))
            if name is None:
                return AttemptOutcome.UNKNOWN
            phone = phones.named(name)
            outcome = phone.read_receipt(phone.send(phone.render_disclosed(claimed.id, told)))
            retry_on_conflict(partial(self._note, Called(ChannelKind.SMS, name, outcome)))
            failed.add(name)
            is_next = failed < phones.weights.keys()
            if not (is_next and has_certainly_stayed(ChannelKind.SMS, outcome)):
                return outcome

    def _give(
        self, phones: "Carriers[SmsChannel]", claimed: ClaimedMessage, failed: frozenset[str]
    ) -> str | None:
        """Choose who is asked, and write it down; nobody, if the lease of this try is over."""
        weights = {name: it for name, it in phones.weights.items() if name not in failed}
        with self._begin() as session:
            now = database_now(session)
            choice = domain.CarrierChoice(
                session,
                {ChannelKind.SMS: weights},
                rng=self._rng,
                lease_seconds=self._lease_seconds,
                now=now,
            )
            name = choice.one(ChannelKind.SMS)
            is_given = domain.give_to(
                session,
                claimed=claimed,
                carrier=name,
                lease_seconds=self._lease_seconds,
                now=now,
            )
            return name if is_given else None

    def _note(self, called: Called) -> None:
        with self._begin() as session:
            now = database_now(session)
            domain.note_calls(session, [called], unit_seconds=self._unit_seconds, now=now)
