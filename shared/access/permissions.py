"""The table of permissions: who may do what, and to which things. ``docs/access.md`` shows it.

A permission is held through a role, and reaches as far as the scopes that the role has in its row.
What decides more finely (a consent, a part in a case, a status) is asked by the use case itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.access.codes import Permission, Scope
from shared.contracts.vocabulary import Role


@dataclass(frozen=True)
class Row:
    """One permission: what it is, and who has it to which things."""

    says: str
    reach: Mapping[Role, frozenset[Scope]]


def _row(says: str, **scopes: Scope | tuple[Scope, ...]) -> Row:
    reach = {
        Role(role): frozenset(each if isinstance(each, tuple) else (each,))
        for role, each in scopes.items()
    }
    return Row(says, reach)


def _row_for_every(says: str, scope: Scope, **others: Scope) -> Row:
    """For whoever holds any role."""
    return _row(says, **({str(role): scope for role in Role} | others))


_OWN, _ASSIGNED, _AREA, _ALL = Scope.OWN, Scope.ASSIGNED, Scope.AREA, Scope.ALL
_RESPONSIBLE = (_AREA, _ASSIGNED)
"""A case owner reaches the cases of its areas, and those that were handed to it from elsewhere."""

PERMISSIONS: Mapping[Permission, Row] = {
    Permission.CASE_SUBMIT: _row("Submit a case.", receiver=_OWN, case_owner=_OWN),
    Permission.DRAFT_READ: _row(
        "Read a draft of a case: what one has typed oneself, and of others how many there are.",
        receiver=_OWN,
        case_owner=_OWN,
    ),
    Permission.DRAFT_KEEP: _row(
        "Begin a draft of a case, and go on with or discard what one has begun oneself.",
        receiver=_OWN,
        case_owner=_OWN,
    ),
    Permission.ADVANCE_NOTICE_READ: _row(
        "Read notices of handovers to come.", receiver=_OWN, case_owner=(_OWN, _AREA)
    ),
    Permission.ADVANCE_NOTICE_CHANGE: _row(
        "Announce a handover, and say what became of it.", receiver=_OWN, case_owner=(_OWN, _AREA)
    ),
    Permission.KEPT_APART_TELL: _row(
        "Say that two people are kept apart.", receiver=_OWN, case_owner=(_OWN, *_RESPONSIBLE)
    ),
    Permission.KEPT_APART_READ: _row(
        "Read that somebody is kept apart from another, as far as one may know of both.",
        receiver=_OWN,
        case_owner=(_OWN, *_RESPONSIBLE),
        facility=_ASSIGNED,
    ),
    Permission.CASE_READ: _row(
        "Read a case, its state and its journey, without who it is about.",
        receiver=_OWN,
        case_owner=(_OWN, *_RESPONSIBLE),
    ),
    Permission.CASE_SEARCH: _row(
        "Look a case up by a phone, an identity number or one's own reference, with a purpose.",
        receiver=_OWN,
        case_owner=(_OWN, *_RESPONSIBLE),
    ),
    Permission.CASE_CORRECT: _row(
        "Correct when somebody was born, or when an act began.",
        receiver=_OWN,
        case_owner=(_OWN, *_RESPONSIBLE),
    ),
    Permission.CASE_FILE_READ: _row(
        "Open the file of a case by law, with a purpose and a reason: the fields of that purpose.",
        verifier=_ASSIGNED,
        case_owner=_RESPONSIBLE,
        facility=_ASSIGNED,
        protector=_ASSIGNED,
    ),
    Permission.CASE_ASSIGN: _row(
        "Give a facility or a protector a part in a case, and end it.", case_owner=_RESPONSIBLE
    ),
    Permission.CASE_HAND_OVER: _row(
        "Say which organisation, and which officer of it, answers for a case, or none.",
        case_owner=_RESPONSIBLE,
    ),
    Permission.RESPONSIBILITY_READ: _row(
        "Read who answers for a case, and to whom it was handed before.", case_owner=_RESPONSIBLE
    ),
    Permission.ASSIGNMENT_READ: _row(
        "Read who has which part in a case.", case_owner=_RESPONSIBLE, facility=_OWN, protector=_OWN
    ),
    Permission.URGENCY_READ: _row(
        "Read what cannot wait, and who must act.", case_owner=_RESPONSIBLE
    ),
    Permission.URGENCY_SETTLE: _row(
        "Say how an immediate need was seen to, as whoever received, shelters or owns.",
        receiver=_OWN,
        case_owner=(_OWN, *_RESPONSIBLE),
        facility=_ASSIGNED,
    ),
    Permission.IMMEDIATE_NEED_READ: _row(
        "Read what a person needs that cannot wait, and when each of it was met.",
        receiver=_OWN,
        case_owner=(_OWN, *_RESPONSIBLE),
        facility=_ASSIGNED,
    ),
    Permission.INITIAL_CHECK_READ: _row(
        "Read whether the initial check of a case is owed, by when, and what it found.",
        case_owner=_RESPONSIBLE,
    ),
    Permission.INITIAL_CHECK_RECORD: _row(
        "Record the initial check of a case.", case_owner=_RESPONSIBLE
    ),
    Permission.CONSENT_RECORD: _row(
        "Record a consent of the person.", receiver=_OWN, case_owner=(_OWN, *_RESPONSIBLE)
    ),
    Permission.CONSENT_WITHDRAW: _row(
        "Record that a consent was withdrawn.", receiver=_OWN, case_owner=(_OWN, *_RESPONSIBLE)
    ),
    Permission.CONTACT_READ: _row(
        "Read whether a person may be reached by phone, and what became of messages to them.",
        receiver=_OWN,
        case_owner=(_OWN, *_RESPONSIBLE),
    ),
    Permission.CONTACT_CHANGE: _row(
        "Record where and how the person may be reached, take it back, and raise a risk flag.",
        receiver=_OWN,
        case_owner=(_OWN, *_RESPONSIBLE),
    ),
    Permission.RISK_LOWER: _row("Let messages reach the person again.", case_owner=_RESPONSIBLE),
    Permission.REFUGE_RECORD: _row(
        "Record where a person is kept safe, and that they are there no more.",
        protector=_ASSIGNED,
    ),
    Permission.PERSON_MESSAGE_ASK: _row(
        "Have a neutral message sent to the person, and say how they were reached otherwise.",
        case_owner=_RESPONSIBLE,
    ),
    Permission.IDENTITY_READ: _row(
        "Read who the person is that was referred, while the consent and the offer allow it.",
        provider=_ASSIGNED,
    ),
    Permission.DISCLOSURE_READ: _row(
        "Read who was let see who the person is, by consent and by law.", case_owner=_RESPONSIBLE
    ),
    Permission.REVEAL_READ: _row(
        "Read when one has opened oneself who a person is, and what for; never who it was.",
        verifier=_OWN,
        case_owner=_OWN,
        facility=_OWN,
        protector=_OWN,
        provider=_OWN,
    ),
    Permission.TARGET_READ: _row(
        "Read how far the targets of the city's plan are met, and each case that is an exception.",
        case_owner=_RESPONSIBLE,
        auditor=_AREA,
    ),
    Permission.VERIFICATION_READ: _row(
        "Read a verification and its moves.", verifier=_ASSIGNED, case_owner=_RESPONSIBLE
    ),
    Permission.VERIFICATION_MOVE: _row(
        "Carry a verification on, decide it, or give it to an authority: each its own moves.",
        verifier=_ASSIGNED,
        case_owner=_RESPONSIBLE,
    ),
    Permission.VERIFICATION_RECORD: _row(
        "Record by number and day a paper about a verification: evidence, and each what it issues.",
        verifier=_ASSIGNED,
        case_owner=_RESPONSIBLE,
    ),
    Permission.PROTECTION_REQUEST: _row(
        "Ask that the person of a case be protected, from within the case.",
        receiver=_OWN,
        verifier=_ASSIGNED,
        case_owner=_RESPONSIBLE,
    ),
    Permission.PROTECTION_READ: _row(
        "Read a request for protection and what became of it: one's own, those one decides about,"
        " those of one's cases.",
        receiver=_OWN,
        verifier=_OWN,
        case_owner=(_OWN, *_RESPONSIBLE),
        protector=_ASSIGNED,
    ),
    Permission.PROTECTION_MOVE: _row(
        "Decide about protection, review it and end it, or give it to a protector: each its own"
        " moves.",
        case_owner=_RESPONSIBLE,
        protector=_ASSIGNED,
    ),
    Permission.FACILITY_READ: _row(
        "Read what facilities have ready, how many people they house and expect, what is lacking.",
        case_owner=_ALL,
        facility=_OWN,
    ),
    Permission.FACILITY_TELL: _row(
        "Tell what one's own facility has ready, and attest what somebody else there has told.",
        facility=_OWN,
    ),
    Permission.STAY_ANNOUNCE: _row(
        "Announce the person of a case to a facility.", case_owner=_RESPONSIBLE
    ),
    Permission.STAY_READ: _row(
        "Read a stay in a facility: those in one's own, those of one's cases.",
        case_owner=_RESPONSIBLE,
        facility=_ASSIGNED,
    ),
    Permission.STAY_MOVE: _row(
        "Record that a person arrives, what they are given, and that they leave, or take an"
        " announcement back: each its own moves.",
        case_owner=_RESPONSIBLE,
        facility=_ASSIGNED,
    ),
    Permission.REFERRAL_READ: _row(
        "Read a referral and its moves; an organisation that was asked reads its own offer.",
        provider=_ASSIGNED,
        case_owner=_RESPONSIBLE,
    ),
    Permission.REFERRAL_MOVE: _row(
        "Answer a referral and serve it, or cancel it: each its own moves.",
        provider=_ASSIGNED,
        case_owner=_RESPONSIBLE,
    ),
    Permission.OFFER_READ: _row(
        "Read which programmes were asked for a referral.", case_owner=_RESPONSIBLE
    ),
    Permission.PLACE_READ: _row(
        "Read how many places of a programme are held, and until when it is assured.",
        provider=_OWN,
    ),
    Permission.NEED_READ: _row("Read the needs of a case.", case_owner=_RESPONSIBLE),
    Permission.NEED_CHANGE: _row("Add a need to a case, and end it.", case_owner=_RESPONSIBLE),
    Permission.PLAN_READ: _row("Read a plan and its entitlements.", case_owner=_RESPONSIBLE),
    Permission.PROVISION_READ: _row(
        "Read what was given to a person directly; a receiver reads what it recorded itself.",
        receiver=_OWN,
        case_owner=_RESPONSIBLE,
    ),
    Permission.PROVISION_RECORD: _row(
        "Record what was given to a person directly, and that such a record is wrong.",
        receiver=_OWN,
        case_owner=_RESPONSIBLE,
    ),
    Permission.FACT_READ: _row(
        "Read the facts that entitlements rest on.", case_owner=_RESPONSIBLE
    ),
    Permission.FACT_TELL: _row("Tell such a fact, and take it back.", case_owner=_RESPONSIBLE),
    Permission.LAW_READ: _row(
        "Read which rows of the law are not certain, and how many open cases rest on each.",
        case_owner=_RESPONSIBLE,
        auditor=_AREA,
        administrator=_ALL,
    ),
    Permission.LAW_RESTING_READ: _row(
        "Read which open cases rest on such a row, without who they are about.",
        case_owner=_RESPONSIBLE,
        auditor=_AREA,
    ),
    Permission.ALERT_READ: _row(
        "Read what waits for somebody to act.", case_owner=_RESPONSIBLE, operator=_ALL
    ),
    Permission.ALERT_SETTLE: _row("Say that an alert was seen to.", case_owner=_RESPONSIBLE),
    Permission.DELIVERY_READ: _row_for_every(
        "Read what was sent to an organisation, and every try.", _OWN, operator=_ALL
    ),
    Permission.DELIVERY_REPLAY: _row("Send a parked delivery again.", operator=_ALL),
    Permission.NOTICE_READ: _row(
        "Read the notices to one's organisation on which one's roles act, and say that one has;"
        " a manager sees those that press, to have somebody read them.",
        receiver=_OWN,
        verifier=_OWN,
        case_owner=_OWN,
        provider=_OWN,
        manager=_OWN,
    ),
    Permission.TEMPLATE_READ: _row(
        "Read what notices say, every version of it; of organisations those of one's own.",
        manager=_OWN,
        administrator=_ALL,
    ),
    Permission.TEMPLATE_CHANGE: _row(
        "Write a draft of what notices say: for all, or for one's own organisation.",
        manager=_OWN,
        administrator=_ALL,
    ),
    Permission.TEMPLATE_PUBLISH: _row(
        "Publish such a draft that somebody else wrote.", manager=_OWN, administrator=_ALL
    ),
    Permission.ORGANISATION_READ: _row_for_every(
        "Read organisations and the roles they hold.", _ALL
    ),
    Permission.ORGANISATION_CHANGE: _row(
        "Add an organisation, change it and its dated roles.", administrator=_ALL
    ),
    Permission.UNIT_READ: _row_for_every(
        "Read administrative units and what became of them.", _ALL
    ),
    Permission.PROGRAMME_READ: _row_for_every("Read programmes.", _ALL),
    Permission.PROGRAMME_CHANGE: _row("Add a programme and change it.", administrator=_ALL),
    Permission.PROGRAMME_ASSURE: _row(
        "Assure that a programme is as it is told.", provider=_OWN, administrator=_ALL
    ),
    Permission.CLIENT_READ: _row("Read a client and its public key.", administrator=_ALL),
    Permission.CLIENT_CHANGE: _row(
        "Let a system speak for an organisation; replace its key, stop it.", administrator=_ALL
    ),
    Permission.ENDPOINT_READ: _row_for_every(
        "Read where an organisation takes webhooks.", _OWN, administrator=_ALL
    ),
    Permission.ENDPOINT_WATCH: _row_for_every(
        "Read whether the webhooks of an organisation arrive.", _OWN, operator=_ALL
    ),
    Permission.ENDPOINT_CHANGE: _row_for_every(
        "Say where an organisation takes webhooks, and stop them.", _OWN, administrator=_ALL
    ),
    Permission.ANSWER_CODE_AGREE: _row(
        "Agree with an office on the code by which it answers from a mail.", administrator=_ALL
    ),
    Permission.ENDPOINT_TEST: _row_for_every(
        "Have a test sent to where an organisation takes webhooks.", _OWN, operator=_ALL
    ),
    Permission.ENDPOINT_SUSPEND: _row(
        "Stop sending to an endpoint, an organisation or by a channel for a while, and go on.",
        operator=_ALL,
    ),
    Permission.OFFICER_READ: _row(
        "Read by name who of one's own organisation acts in cases, to name one of them in a case.",
        case_owner=_OWN,
    ),
    Permission.STAFF_READ: _row("Read the accounts of people.", manager=_OWN),
    Permission.STAFF_CHANGE: _row(
        "Give people accounts, change these and their dated roles, and end them.", manager=_OWN
    ),
    Permission.STAFF_APPOINT: _row(
        "Make a manager of an organisation that has none, or none who can act.", administrator=_ALL
    ),
    Permission.SESSION_BEGIN: _row(
        "Let people log in, and log out, and an office answer from a mail.", console=_ALL
    ),
    Permission.ACCOUNT_READ: _row_for_every(
        "Read one's own account, its sessions, and what happened to it.", _OWN
    ),
    Permission.ACCOUNT_CHANGE: _row_for_every(
        "Change one's own password, and end one's own sessions.", _OWN
    ),
    Permission.RULE_READ: _row_for_every(
        "Read by which dated rules periods end, and who changed one.", _ALL
    ),
    Permission.RULE_PROPOSAL_READ: _row(
        "Read which rows of the law were proposed, and what became of them.",
        auditor=_ALL,
        administrator=_ALL,
    ),
    Permission.RULE_PROPOSE: _row(
        "Propose a row that shall go before one of the law, and give such a proposal up.",
        administrator=_ALL,
    ),
    Permission.RULE_PUBLISH: _row(
        "Publish such a row that somebody else proposed.", administrator=_ALL
    ),
    Permission.DUTY_READ: _row_for_every(
        "Read what one must do oneself; each thing as far as the permission to act on it reaches.",
        _OWN,
    ),
    Permission.CLOCK_READ: _row_for_every(
        "Read which periods run in what one is a party to; each thing as far as it may be read.",
        _OWN,
    ),
    Permission.AUDIT_READ: _row(
        "Read who did, read or was refused what in a case, without who it is about.", auditor=_AREA
    ),
    Permission.ACTOR_READ: _row(
        "Read whose an account or a system is that the audit names.", auditor=_ALL
    ),
    Permission.OPERATION_READ: _row(
        "Read how the work of the services goes: what waits since when, and who is there.",
        operator=_ALL,
    ),
    Permission.PARKED_READ: _row("Read which messages were parked, and why.", operator=_ALL),
    Permission.PARKED_REPLAY: _row("Give parked messages their tries again.", operator=_ALL),
    Permission.PARKED_SKIP: _row(
        "Propose that a parked message is passed over for good, and confirm what another proposed.",
        operator=_ALL,
    ),
}


def roles_with(permission: Permission) -> frozenset[Role]:
    """The roles of which one is needed."""
    return frozenset(PERMISSIONS[permission].reach)
