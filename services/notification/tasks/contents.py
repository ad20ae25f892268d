"""What there is to say to somebody as a mail leaves: notices are here, duties are asked for."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from services.notification import domain
from services.notification.channels.personal import MOST, Said
from services.notification.domain import NOTICE, NoticeView, Written
from services.notification.gateways.exchange import DutiesTold, DutyTold, Exchange, Recipient
from services.notification.policy import PersonalMail
from shared.kit.claims import unchecked
from shared.kit.database import Begin

DUTY = "duty:"
"""Before what is to be done, with what and by when: written once, and again with another day."""


class Contents:
    """Finds it, for one mail at a time. Raises ``ExchangeDown``."""

    def __init__(self, begin: Begin, exchange: Exchange) -> None:
        self._begin = begin
        self._exchange = exchange

    def of(self, mail: Written, to: Recipient, now: datetime) -> Said:
        """What it says now: of an urgent one, what is left of what it is about."""
        if mail.kind is PersonalMail.CONFIRMATION:
            return Said()
        if mail.kind is PersonalMail.URGENT:
            return self._left(mail, to, now)
        duties = self._exchange.duties(to)
        if mail.kind is PersonalMail.WEEK:
            return Said(duties=duties)
        subject = unchecked(str(to.token))
        with self._begin() as session:
            return Said(
                domain.count_unread(session, subject=subject, now=now, most=None),
                domain.find_notices(
                    session, subject=subject, now=now, after=None, size=MOST, is_unread=True
                ),
                duties,
            )

    def _left(self, mail: Written, to: Recipient, now: datetime) -> Said:
        with self._begin() as session:
            about = domain.items_of(session, mail_id=mail.id)
            notices = domain.find_told(
                session, mail=mail, subject=unchecked(str(to.token)), now=now
            )
        has_duties = any(each.startswith(DUTY) for each in about)
        duties = self._exchange.pressing(to) if has_duties else []
        return said_of(named(notices, duties), about, now)


def named(
    notices: Sequence[NoticeView], duties: Sequence[DutyTold]
) -> Mapping[str, NoticeView | DutyTold]:
    """These things by the names under which each is written to a person once."""
    by_notice = {f"{NOTICE}{each.id}": each for each in notices}
    by_duty = {f"{DUTY}{each.what}:{each.object_id}:{each.due_at}": each for each in duties}
    return {**by_notice, **by_duty}


def said_of(
    found: Mapping[str, NoticeView | DutyTold], about: Collection[str], now: datetime
) -> Said:
    """What of these things an urgent mail is about."""
    left = [each for name, each in found.items() if name in about]
    notices = [each for each in left if isinstance(each, NoticeView)]
    duties = tuple(each for each in left if isinstance(each, DutyTold))
    late = sum(each.due_at is not None and each.due_at <= now for each in duties)
    return Said(len(notices), notices, DutiesTold(duties, len(duties), late))
