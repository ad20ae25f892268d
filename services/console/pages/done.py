"""What was done, which the page that follows says once: a code in a cookie, for a minute at most.

No address says it, so that a page that is opened again, or sent to somebody, does not.
"""

from dataclasses import dataclass
from enum import StrEnum

from fastapi import Request, Response

from services.console.pages.edge import Cookies

DONE = "done"
"""The cookie that holds the code until it is said."""
A_MINUTE = 60


class Done(StrEnum):
    """What a form that leads to another page has done; each has its sentence in our catalogues."""

    ORGANISATION_ADDED = "organisation_added"
    ORGANISATION_SAVED = "organisation_saved"
    ORGANISATION_STOPPED = "organisation_stopped"
    ORGANISATION_AGAIN = "organisation_again"
    ROLE_GIVEN = "role_given"
    ROLE_ENDED = "role_ended"
    CLIENT_ADDED = "client_added"
    CLIENT_STOPPED = "client_stopped"
    CLIENT_AGAIN = "client_again"
    KEY_REPLACED = "key_replaced"
    PROVIDER_SAVED = "provider_saved"
    PROVIDER_REMOVED = "provider_removed"
    PROGRAMME_ADDED = "programme_added"
    PROGRAMME_SAVED = "programme_saved"
    PROGRAMME_CONFIRMED = "programme_confirmed"
    STILL_RIGHT = "still_right"

    ACCOUNT_ADDED = "account_added"
    ACCOUNT_SAVED = "account_saved"
    ACCOUNT_ENDED = "account_ended"
    ACCOUNT_AGAIN = "account_again"
    SESSION_ENDED = "session_ended"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a code, no password
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    APP_SET = "app_set"
    OWN_MAILBOX_GIVEN = "own_mailbox_given"
    OWN_MAILBOX_CONFIRMED = "own_mailbox_confirmed"
    OWN_MAILBOX_ENDED = "own_mailbox_ended"
    OWN_PHONE_GIVEN = "own_phone_given"
    OWN_PHONE_CONFIRMED = "own_phone_confirmed"
    OWN_PHONE_ENDED = "own_phone_ended"
    OWN_MAILS_CHANGED = "own_mails_changed"

    MAILBOX_SAVED = "mailbox_saved"
    MAILBOX_ENDED = "mailbox_ended"
    NUMBER_SAVED = "number_saved"
    NUMBER_ENDED = "number_ended"
    WEEKLY_PAGE_WANTED = "weekly_page_wanted"
    WEEKLY_PAGE_ENDED = "weekly_page_ended"
    ENDPOINT_STOPPED = "endpoint_stopped"
    ENDPOINT_SUSPENDED = "endpoint_suspended"
    ENDPOINT_RESUMED = "endpoint_resumed"
    RECIPIENT_SUSPENDED = "recipient_suspended"
    RECIPIENT_RESUMED = "recipient_resumed"
    CHANNEL_SUSPENDED = "channel_suspended"
    CHANNEL_RESUMED = "channel_resumed"
    DELIVERY_AGAIN = "delivery_again"
    REPLAY_STARTED = "replay_started"
    REPLAY_STOPPED = "replay_stopped"
    MESSAGE_AGAIN = "message_again"
    SKIP_PROPOSED = "skip_proposed"
    MESSAGE_SKIPPED = "message_skipped"

    NOTICES_READ = "notices_read"

    TEMPLATE_SAVED = "template_saved"
    TEMPLATE_PUBLISHED = "template_published"
    TEMPLATE_DISCARDED = "template_discarded"

    RULE_PROPOSED = "rule_proposed"
    RULE_PUBLISHED = "rule_published"
    RULE_WITHDRAWN = "rule_withdrawn"

    DRAFT_KEPT = "draft_kept"
    DRAFT_DISCARDED = "draft_discarded"
    CASE_RELEASED = "case_released"
    IMMEDIATE_NEED_ENDED = "immediate_need_ended"
    CHECK_RECORDED = "check_recorded"
    PART_GIVEN = "part_given"
    PART_ENDED = "part_ended"
    CONSENT_RECORDED = "consent_recorded"
    CONSENT_WITHDRAWN = "consent_withdrawn"

    CONTACT_RECORDED = "contact_recorded"
    CONTACT_CONFIRMED = "contact_confirmed"
    CONTACT_WITHDRAWN = "contact_withdrawn"
    RISK_RAISED = "risk_raised"
    RISK_LOWERED = "risk_lowered"
    PERSON_MESSAGE_ASKED = "person_message_asked"
    PERSON_REACHED = "person_reached"

    VERIFICATION_ASSIGNED = "verification_assigned"
    VERIFICATION_STARTED = "verification_started"
    VERIFICATION_PAUSED = "verification_paused"
    VERIFICATION_RESUMED = "verification_resumed"
    VERIFICATION_EXTENDED = "verification_extended"
    VERIFICATION_CONCLUDED = "verification_concluded"
    VERIFICATION_REOPENED = "verification_reopened"
    VERIFICATION_COMPLAINED = "verification_complained"
    VERIFICATION_KEPT = "verification_kept"
    EVIDENCE_RECORDED = "evidence_recorded"
    PAPER_RECORDED = "paper_recorded"
    PROTECTION_ASKED = "protection_asked"
    PROTECTION_ASSIGNED = "protection_assigned"
    PROTECTION_GRANTED = "protection_granted"
    PROTECTION_REFUSED = "protection_refused"
    PROTECTION_DECLINED = "protection_declined"
    PROTECTION_REVIEWED = "protection_reviewed"
    PROTECTION_ENDED = "protection_ended"
    REFUGE_RECORDED = "refuge_recorded"
    REFUGE_ENDED = "refuge_ended"
    READINESS_TOLD = "readiness_told"
    READINESS_ATTESTED = "readiness_attested"
    HANDOVER_ANSWERED = "handover_answered"
    NOTICE_GIVEN = "notice_given"
    NOTICE_MOVED = "notice_moved"
    NOTICE_CANCELLED = "notice_cancelled"
    EXPECTED_RECEIVED = "expected_received"
    EXPECTED_ABSENT = "expected_absent"
    KEPT_APART = "kept_apart"
    APART_ENDED = "apart_ended"
    STAY_ANNOUNCED = "stay_announced"
    STAY_ARRIVED = "stay_arrived"
    STAY_DECLINED = "stay_declined"
    STAY_CANCELLED = "stay_cancelled"
    STAY_PROVIDED = "stay_provided"
    STAY_EXTENDED = "stay_extended"
    STAY_LEFT = "stay_left"
    STAY_VOIDED = "stay_voided"
    LOOKED_FOR_NEXT = "looked_for_next"
    """The verification that presses most was looked for, and there is none."""

    NEED_ADDED = "need_added"
    NEED_ENDED = "need_ended"
    FACT_TOLD = "fact_told"
    FACT_TAKEN_BACK = "fact_taken_back"
    WAY_SETTLED = "way_settled"
    PROVISION_RECORDED = "provision_recorded"
    PROVISION_CORRECTED = "provision_corrected"
    REFERRAL_CANCELLED = "referral_cancelled"
    SERVICE_CONFIRMED = "service_confirmed"
    QUESTION_REPLIED = "question_replied"
    OFFER_SEEN = "offer_seen"
    OFFER_ASKED = "offer_asked"
    OFFER_ACCEPTED = "offer_accepted"
    OFFER_REJECTED = "offer_rejected"
    SERVICE_STARTED = "service_started"
    SERVICE_HELD = "service_held"
    SERVICE_RESUMED = "service_resumed"
    SERVICE_COMPLETED = "service_completed"
    SERVICE_FAILED = "service_failed"
    PURGE_CONFIRMED = "purge_confirmed"


@dataclass(frozen=True)
class Changes:
    """What a form may do that saves what was typed, or ends a thing, or has it begin anew."""

    saved: Done
    ended: Done
    again: Done

    def by(self, is_active: str) -> Done:
        """By what the form says of that: nothing where it saves what was typed."""
        if not is_active:
            return self.saved
        return self.again if is_active == "true" else self.ended


def note(answer: Response, cookies: Cookies, done: Done) -> None:
    """Have the next page say it."""
    cookies.keep(answer, DONE, done, seconds=A_MINUTE)


def noted(request: Request, cookies: Cookies) -> Done | None:
    """What the page that is asked for has to say; what is no code of ours says nothing."""
    found = cookies.read(request, DONE) if request.method == "GET" else None
    return Done(found) if found in set(Done) else None


def forget(answer: Response, cookies: Cookies) -> None:
    """It was said."""
    cookies.forget(answer, DONE)
