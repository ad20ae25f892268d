"""SMS to the phone of a person's own: that something cannot wait, or the code of the number.

How much there is, and nothing else: it is read in the console. A phone lies about, and its screen
shows what comes, so the text passes what texts to phones of offices pass (ADR 0054).
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from services.notification.channels.personal import Said
from services.notification.channels.sms import PersonalSms, SmsChannel
from services.notification.domain import Written
from services.notification.gateways.exchange import Recipient
from services.notification.policy import AttemptOutcome, PersonalKind, PersonalMail
from services.notification.policy.templates import Facts, Placeholder, Wording
from shared.texts import TextLanguage

MOST = 999
"""How much there is, is counted no further: a text has room for three digits."""

ChooseWording = Callable[[PersonalKind, UUID, TextLanguage], Wording | None]
"""What an organisation, or everybody, has published; none where that is built in."""


class PersonalTexts:
    """Writes them, and hands them over."""

    def __init__(self, phones: SmsChannel, wording: ChooseWording) -> None:
        self._phones = phones
        self._wording = wording

    def send(self, mail: Written, to: Recipient, said: Said, _now: datetime) -> AttemptOutcome:
        """Hand it over once; how that ended."""
        is_code = mail.kind is PersonalMail.CONFIRMATION
        kind = PersonalKind.CONFIRMATION if is_code else PersonalKind.URGENT
        text = PersonalSms(
            sent_as=mail.id,
            number=mail.number,
            to=to.address,
            kind=kind,
            wording=self._wording(kind, to.organisation_id, to.language),
            facts=_facts(to, said),
            language=to.language,
        )
        return self._phones.read_receipt(self._phones.send(self._phones.render_personal(text)))

    def close(self) -> None:
        """Drop the connections."""
        self._phones.close()


def _facts(to: Recipient, said: Said) -> Facts:
    if to.code is not None:
        return {Placeholder.CONFIRMATION: to.code}
    return {Placeholder.URGENT: min(said.unread + said.duties.open, MOST)}
