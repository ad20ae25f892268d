"""Tells people, and writes to offices about themselves: looks, claims, asks, sends, records.

Every step is a transaction of its own or a call, never both: claim (transaction), where to and what
there is to say (calls, and one reading), the mail (a call), its end (transaction). A kill at any
point leaves nothing, or a claim whose lease ends: a mail is sent again, under the same id; an SMS
that may have left is not.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from services.notification import domain
from services.notification.channels.carriers import Carriers
from services.notification.channels.personal import PersonalWay, Said
from services.notification.domain import Called, NoticeView, Pacing, Written
from services.notification.gateways.exchange import DutyTold, Exchange, ExchangeDown, Recipient
from services.notification.policy import (
    EMAIL,
    FREEING,
    RETRIES,
    TAKEN,
    AttemptOutcome,
    Mailing,
    MailState,
    PersonalMail,
    has_certainly_stayed,
    is_of_receiver,
    next_attempt,
)
from services.notification.tasks.contents import Contents, named, said_of
from services.notification.tasks.rounds import Rounds
from shared.contracts.vocabulary import ChannelKind, MailingKind
from shared.kit.claims import unchecked
from shared.kit.clock import Clock
from shared.kit.database import Begin, database_now, is_database_down, is_worth_repeating
from shared.kit.logging import describe, logger
from shared.messaging.pulse import Beat, unwatched

LOOK = 10.0
"""Seconds after which it looks again: somebody waits for a code before a page."""
DUTIES = 10
"""How many times more seldom duties are looked at than notices: they become urgent with the day,
and with news that are notices themselves.
"""
Ways = Mapping[ChannelKind, Carriers[PersonalWay]]
"""By which people can be told, and who carries each."""
Found = Mapping[str, NoticeView | DutyTold]
"""What is urgent, by the name under which it is told once."""
PUT_OFF = timedelta(minutes=1)
"""Until what a service of ours could not do is asked of it again."""


@dataclass(frozen=True)
class Rhythm:
    """How often it looks, in seconds, and for how long a mail is one process's."""

    look: float = LOOK
    notices: float = 60.0
    """Between two looks for what is urgent and unread: nobody waits longer than that for it."""
    duties: float = 60.0 * DUTIES
    """The same for duties."""
    lease: float = 60.0


class Digester:
    """Writes what is due, until stopped."""

    def __init__(
        self,
        begin: Begin,
        exchange: Exchange,
        ways: Ways,
        *,
        clock: Clock,
        pacing: Pacing,
        on_death: Callable[[], None],
        rhythm: Rhythm | None = None,
        beat: Beat = unwatched,
    ) -> None:
        self._begin = begin
        self._exchange = exchange
        self._ways = ways
        self._contents = Contents(begin, exchange)
        self._clock = clock
        self._pacing = pacing
        self._rhythm = rhythm or Rhythm()
        self._beat = beat
        # When a person was last looked at, by this machine's stopwatch.
        self._seen: dict[tuple[UUID, str], float] = {}
        self._rounds = Rounds(
            "digester", self._look, look=self._rhythm.look, on_death=on_death, beat=beat
        )

    def start(self) -> None:
        """Begin."""
        self._rounds.start()

    def committed(self, session: Session) -> None:
        """What a frame has made is found at the next look."""

    def stop(self) -> None:
        """Finish the mail under way, then end."""
        self._rounds.stop()
        self._exchange.close()
        for each in self._ways.values():
            each.close()

    def turn(self) -> None:
        """Look once at everybody. What one of them needs and cannot have now keeps no other."""
        with self._begin() as session:
            domain.settle_left_texts(session, now=self._clock())
            failing = domain.find_failing(session)
        for mailing in self._exchange.mailings():
            self._beat()
            if not self._rounds.is_open:
                return
            is_failing, rests = mailing.id in failing, failing.get(mailing.id, False)
            if not rests and self._is_seen_to(mailing) and is_failing:
                with self._begin() as session:
                    domain.note_written_to(session, mailing, now=self._clock())

    def _is_seen_to(self, mailing: Mailing) -> bool:
        """See to it; of a fault in what this one is to be told, only the operator is told."""
        try:
            self._see_to(mailing)
        except ExchangeDown as away:
            logger().warning("digest_put_off", error=str(away))
            return False
        except Exception as fault:
            # What is wrong with the database, or lost against another, is nobody's fault here.
            if is_database_down(fault) or is_worth_repeating(fault):
                raise
            told = describe(fault)
            logger().error("mail_not_written", recipient_id=str(mailing.id), **told)
            with self._begin() as session:
                domain.note_failing(session, mailing, now=self._clock(), **told)
            return False
        return True

    def _look(self) -> bool:
        try:
            self.turn()
        except ExchangeDown as away:
            logger().warning("directory_unavailable", error=str(away))
        return False

    def _see_to(self, mailing: Mailing) -> None:
        now, is_page = self._clock(), mailing.kind is MailingKind.ORGANISATION
        with self._begin() as session:
            stopped = domain.stopped_ways(session, organisation_id=mailing.organisation_id)
        able = frozenset(self._ways) - stopped
        if not is_page:
            self._write_codes(mailing, able, now)
            if mailing.is_reached(now):
                self._write_urgent(mailing, able, now)
        period = mailing.period(now)
        is_mailed = is_page or ChannelKind.EMAIL in mailing.urgent_by
        if period is not None and is_mailed and ChannelKind.EMAIL in able:
            kind = PersonalMail.WEEK if is_page else PersonalMail.DIGEST
            key = mailing.key(kind, f"{mailing.digest}:{period.isoformat()}")
            self._write(mailing, key, kind, ChannelKind.EMAIL, now)

    def _write_codes(self, mailing: Mailing, able: Collection[ChannelKind], now: datetime) -> None:
        kind = PersonalMail.CONFIRMATION
        if mailing.kind is MailingKind.CONFIRMATION and ChannelKind.EMAIL in able:
            self._write(mailing, mailing.key(kind, mailing.since), kind, ChannelKind.EMAIL, now)
        if mailing.phone_at is not None and ChannelKind.SMS in able:
            key = mailing.key(kind, f"phone:{mailing.phone_at}")
            self._write(mailing, key, kind, ChannelKind.SMS, now)

    def _write(
        self, mailing: Mailing, key: str, kind: PersonalMail, by: ChannelKind, now: datetime
    ) -> None:
        with self._begin() as session:
            mail = domain.claim_mail(
                session,
                key=key,
                kind=kind,
                channel=by,
                recipient_id=mailing.id,
                lease_seconds=self._rhythm.lease,
                now=now,
            )
        if mail is not None:
            self._finish(mailing, mail, now)

    def _write_urgent(self, mailing: Mailing, able: Collection[ChannelKind], now: datetime) -> None:
        """What is urgent and was not told yet; and what was put off, or whose sender died."""
        ways = [each for each in mailing.urgent_by if each in able]
        with self._begin() as session:
            left = able and domain.claim_left(
                session,
                recipient_id=mailing.id,
                ways=able,
                lease_seconds=self._rhythm.lease,
                now=now,
            )
        if left:
            self._finish(mailing, left, now, has_other=any(each != left.channel for each in ways))
        if not ways or not self._is_time(mailing, "notices", self._rhythm.notices):
            return
        found: Found | None = None
        for way in ways:
            to = self._exchange.recipient(mailing, MailingKind.PERSON, way)
            if to is None:
                continue
            found = self._untold(mailing, to, now) if found is None else found
            found = self._tell(mailing, to, way, found, now, has_other=len(ways) > 1)
            if not found:
                return

    def _untold(self, mailing: Mailing, to: Recipient, now: datetime) -> Found:
        duties = self._pressing(mailing, to)
        with self._begin() as session:
            subject = unchecked(str(to.token))
            notices = domain.find_untold(session, recipient_id=mailing.id, subject=subject, now=now)
        return named(notices, duties)

    def _tell(
        self,
        mailing: Mailing,
        to: Recipient,
        way: ChannelKind,
        found: Found,
        now: datetime,
        *,
        has_other: bool,
    ) -> Found:
        """Tell by this way what it has not refused; what is left is for the other one."""
        with self._begin() as session:
            mail = domain.open_urgent(
                session,
                recipient_id=mailing.id,
                channel=way,
                address_id=to.address_id,
                items=found.keys(),
                lease_seconds=self._rhythm.lease,
                now=now,
            )
            about = domain.items_of(session, mail_id=mail.id) if mail else frozenset()
            refused = domain.find_refused(session, recipient_id=mailing.id, items=found.keys())
        if mail is not None:
            said = said_of(found, about, now)
            self._hand_over(mail, to, said, now, has_other=has_other)
        return {name: it for name, it in found.items() if name in refused}

    def _finish(
        self, mailing: Mailing, mail: Written, now: datetime, *, has_other: bool = False
    ) -> None:
        """Ask where to and what there is to say, and send it; or put it off."""
        is_code = mail.kind is PersonalMail.CONFIRMATION
        is_page = mailing.kind is MailingKind.ORGANISATION
        kind = MailingKind.CONFIRMATION if is_code else MailingKind.PERSON
        try:
            to = self._exchange.recipient(mailing, mailing.kind if is_page else kind, mail.channel)
            said = Said() if to is None else self._contents.of(mail, to, now)
        except ExchangeDown:
            self._conclude(mail, MailState.PENDING, None, self._clock() + PUT_OFF)
            raise
        if to is None:
            is_urgent = mail.kind is PersonalMail.URGENT
            state = MailState.UNUSABLE if is_urgent else MailState.NOTHING
            self._conclude(mail, state, None, None)
        elif self._is_kept(mail):
            self._hand_over(mail, to, said, now, has_other=has_other)

    def _is_kept(self, mail: Written) -> bool:
        """Whether it is still ours once all is asked; if not, another process writes it."""
        with self._begin() as session:
            return domain.keep_mail(
                session, mail=mail, lease_seconds=self._rhythm.lease, now=self._clock()
            )

    def _pressing(self, mailing: Mailing, to: Recipient) -> Sequence[DutyTold]:
        """Urgent duties, if it is time to look at them. A service that is down hides no notice."""
        if not self._is_time(mailing, "duties", self._rhythm.duties):
            return ()
        try:
            return self._exchange.pressing(to)
        except ExchangeDown as away:
            del self._seen[mailing.id, "duties"]
            logger().warning("duties_not_told", error=str(away))
            return ()

    def _hand_over(
        self, mail: Written, to: Recipient, said: Said, now: datetime, *, has_other: bool
    ) -> None:
        if mail.kind is not PersonalMail.CONFIRMATION and said.is_nothing:
            self._conclude(mail, MailState.NOTHING, None, None)
            return
        self._beat()
        given = self._given(mail, to, has_other=has_other)
        if given is None:
            return
        name, has_other = given
        outcome = self._ways[mail.channel].named(name).send(mail, to, said, now)
        state, next_at = self._after(mail, outcome, now, has_other=has_other)
        self._conclude(mail, state, outcome, next_at, by=name, sent_to=to.address_id)

    def _after(
        self, mail: Written, outcome: AttemptOutcome, now: datetime, *, has_other: bool
    ) -> tuple[MailState, datetime | None]:
        """How it stands after this, and when it is tried again, if it is."""
        if outcome in TAKEN:
            return MailState.SENT, None
        is_tried_by_all = mail.number >= len(self._ways[mail.channel].weights)
        if has_other and is_tried_by_all and has_certainly_stayed(mail.channel, outcome):
            # What cannot wait does not wait for our own server: the other way is there.
            return MailState.UNUSABLE, None
        wait = self._wait(mail, outcome)
        if wait is not None:
            return MailState.PENDING, now + timedelta(seconds=wait)
        if mail.channel is ChannelKind.SMS and outcome is AttemptOutcome.UNKNOWN:
            return MailState.UNKNOWN, None
        is_refused = is_of_receiver(mail.channel, outcome)
        return (MailState.PARKED if is_refused else MailState.UNUSABLE), None

    def _wait(self, mail: Written, outcome: AttemptOutcome) -> float | None:
        """Seconds until it is tried again; none if that is over.

        What keeps our own mail server away is no mailbox's fault: it goes on, seldom, until the
        mail is over or says nothing any more.
        """
        wait = next_attempt(
            mail.number,
            None,
            self._pacing.rng,
            retry=RETRIES[mail.channel],
            outcome=outcome,
            unit_seconds=self._pacing.unit_seconds,
        )
        is_mail = mail.channel is ChannelKind.EMAIL
        if wait is None and is_mail and not is_of_receiver(mail.channel, outcome):
            return EMAIL.maximum_interval * self._pacing.unit_seconds
        return wait

    def _given(self, mail: Written, to: Recipient, *, has_other: bool) -> tuple[str, bool] | None:
        """By whom it goes, written down before that is asked; nobody, if it is another's now.

        With it whether another way is left for it: one that could not be used before is none.
        """
        is_phone = mail.channel is ChannelKind.SMS
        with self._begin() as session:
            choice = domain.CarrierChoice(
                session,
                {mail.channel: self._ways[mail.channel].weights},
                rng=self._pacing.rng,
                lease_seconds=self._rhythm.lease,
                now=database_now(session),
            )
            past = domain.carried_before(session, mail=mail)
            name = choice.one(mail.channel, past)
            number_id = to.address_id if is_phone else None
            if not domain.give_mail_to(session, mail=mail, carrier=name, number_id=number_id):
                return None
            return name, has_other and not domain.was_refused(session, mail_id=mail.id)

    def _conclude(
        self,
        mail: Written,
        state: MailState,
        outcome: AttemptOutcome | None,
        next_at: datetime | None,
        *,
        by: str | None = None,
        sent_to: UUID | None = None,
    ) -> None:
        with self._begin() as session:
            if by is not None and outcome is not None:
                called = Called(mail.channel, by, outcome)
                unit, at = self._pacing.unit_seconds, database_now(session)
                domain.note_calls(session, [called], unit_seconds=unit, now=at)
            domain.conclude_mail(
                session,
                mail=mail,
                state=state,
                outcome=outcome,
                next_at=next_at,
                sent_to=sent_to,
                now=self._clock(),
            )
        if mail.kind is PersonalMail.URGENT and state in FREEING:
            # The other way does not wait for the next look at everything.
            for what in ("notices", "duties"):
                self._seen.pop((mail.recipient_id, what), None)

    def _is_time(self, mailing: Mailing, what: str, seconds: float) -> bool:
        named, now = (mailing.id, what), time.monotonic()
        if now - self._seen.get(named, -seconds) < seconds:
            return False
        self._seen[named] = now
        return True
