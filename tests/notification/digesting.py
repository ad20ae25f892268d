"""Who writes to people, looked at turn by turn, by a clock that the test moves."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.notification import domain
from services.notification.channels import Carriers
from services.notification.channels.personal import PersonalMails
from services.notification.channels.personal_texts import PersonalTexts
from services.notification.channels.sms import SmsChannel
from services.notification.domain import Pacing, personal_wording
from services.notification.gateways import HttpGateway, MailServer, SmtpGateway
from services.notification.gateways.exchange import ExchangeGateway
from services.notification.policy import MAIN, PersonalKind, ReturnAddress
from services.notification.policy.templates import Wording
from services.notification.tasks.digests import Digester, Rhythm
from shared.contracts.vocabulary import ChannelKind
from shared.kit.clock import utc_now
from shared.kit.database import Begin
from shared.kit.subjects import SubjectKind
from shared.outbound import AddressRules
from shared.texts import TextLanguage
from tests.notification.builders import MASTER, Post
from tests.notification.exchange import AT_NOTIFICATION, Services, Someone
from tests.notification.post_office import PostOffice, Taken
from tests.notification.receivers import LOOPBACK
from tests.notification.sms_gateway import SECRET, SmsGateway
from tests.subjects import somebody

MONDAY = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
"""Half past eight in Hải Phòng."""
BEAT = "beat"
CONSOLE = "https://nhipcau.example"


@dataclass
class Desk:
    """Who writes to people, looked at turn by turn, by a clock that the test moves."""

    begin: Begin
    services: Services
    post_office: PostOffice
    now: datetime = MONDAY
    returns: ReturnAddress | None = None
    """Where mails come back to, if that is read."""
    sms_gateways: tuple[SmsGateway, ...] = ()
    """Who takes texts to phones, if anybody does."""
    digester: Digester = field(init=False)

    def __post_init__(self) -> None:
        self.digester = self.another()

    def another(self, **servers: tuple[int, int]) -> Digester:
        """One more that writes to people; ``servers`` are weights and ports of mail servers."""
        exchange = ExchangeGateway(
            self.services.address,
            links=AT_NOTIFICATION,
            seconds=5.0,
            clock=lambda: self.now,
            beat=self._beat,
        )
        named = servers or {MAIN: (1, self.post_office.port)}
        mails = {name: (weight, self._mails(port)) for name, (weight, port) in named.items()}
        ways: dict[ChannelKind, Carriers[Any]] = {ChannelKind.EMAIL: Carriers(mails)}
        if self.sms_gateways:
            ways[ChannelKind.SMS] = Carriers(
                {str(at): (1, self._texts(each)) for at, each in enumerate(self.sms_gateways)}
            )
        return Digester(
            self.begin,
            exchange,
            ways,
            clock=lambda: self.now,
            pacing=Pacing(Random(1)),
            on_death=lambda: None,
            rhythm=Rhythm(look=0.01, notices=0.0, duties=0.0),
            beat=self._beat,
        )

    def _mails(self, port: int) -> PersonalMails:
        server = MailServer(LOOPBACK, port, hello="nhipcau.example")
        smtp = SmtpGateway(server, seconds=5.0, context=ssl.create_default_context())
        return PersonalMails(
            smtp,
            sender="a@nhipcau.example",
            console=CONSOLE,
            master=MASTER,
            returns=self.returns,
        )

    def _texts(self, gateway: SmsGateway) -> PersonalTexts:
        http = HttpGateway(
            AddressRules(allow_loopback=True),
            seconds=5.0,
            context=ssl.create_default_context(),
            is_repeated=False,
        )
        channel = SmsChannel(http, url=gateway.address, secrets=[SECRET], most=2, clock=utc_now)
        return PersonalTexts(channel, self._wording)

    def _wording(
        self, kind: PersonalKind, organisation_id: UUID, language: TextLanguage
    ) -> Wording | None:
        with self.begin() as session:
            return personal_wording(
                session, kind=kind, organisation_id=organisation_id, language=language, most=2
            )

    def _beat(self) -> None:
        self.services.asked.append(BEAT)

    def look(self, **later: float) -> list[Taken]:
        """What was written in one turn, some time later."""
        self.now += timedelta(**later)
        before = len(self.post_office.taken)
        self.digester.turn()
        return self.post_office.taken[before:]

    def asked(self, someone: Someone) -> UUID:
        """An offer is made to the organisation: urgent, and unread. Its id."""
        with self.begin() as session:
            (told,) = Post(session, self.now).requested(someone.organisation_id)
        return told.offer_id

    def told(self, someone: Someone) -> UUID:
        """Something the organisation has to know, and to act on nothing. The case's id."""
        with self.begin() as session:
            post = Post(session, self.now)
            case = post.case()
            post.hand(post.told.owner(someone.organisation_id))
            post.hand(post.told.plan(case_id=case.case_id))
        return case.case_id

    def read(self, someone: Someone) -> None:
        """The person reads all notices."""
        of_organisation = somebody(someone.organisation_id, someone.role)
        subject = replace(of_organisation, kind=SubjectKind.STAFF, id=str(someone.id))
        with self.begin() as session:
            found = domain.find_notices(
                session, subject=subject, now=self.now, after=None, size=100
            )
            for each in found:
                domain.read_notice(session, notice_id=each.id, subject=subject, now=self.now)

    def states(self) -> list[tuple[str, str, int]]:
        with self.begin() as session:
            rows = session.execute(
                text("SELECT kind, state, attempts FROM personal_mails ORDER BY created_at, id")
            )
            return [(row.kind, row.state, row.attempts) for row in rows]


@pytest.fixture
def services() -> Iterator[Services]:
    with Services() as started:
        yield started


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    with PostOffice() as started:
        yield started


@pytest.fixture
def desk(begin: Begin, services: Services, post_office: PostOffice) -> Desk:
    return Desk(begin, services, post_office)


def plain(taken: Taken) -> str:
    body = taken.mail.get_body(("plain",))
    assert body is not None
    words: str = body.get_content()
    return words
