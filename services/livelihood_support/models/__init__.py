"""Tables: what other services told us, and the plans, referrals, offers and moves made of it.

One rule keeps concurrent changes apart: whoever changes a case's referrals first locks its row in
``case_files`` (in the order of ids), then the programmes it takes places from (likewise). See
``domain/locks.py``.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, func, text
from sqlalchemy.orm import Mapped, column_property, mapped_column

from services.livelihood_support.models.alerts import Alert, AlertKind
from services.livelihood_support.models.base import METADATA, Base
from services.livelihood_support.models.clocked import due_at_of
from services.livelihood_support.models.directory import (
    ManagerRole,
    Organisation,
    OwnerRole,
    Programme,
)
from services.livelihood_support.models.handovers import Handover, HeldPlace
from services.livelihood_support.models.needs import Need
from services.livelihood_support.models.notices import ReadNotice
from services.livelihood_support.models.plans import AnswerSet, CaseFact, Plan, PlanRevision
from services.livelihood_support.models.provisions import Provision
from services.livelihood_support.models.questions import OfferQuestion
from services.livelihood_support.models.readiness import ReadinessAttestation, ReadinessSheet
from services.livelihood_support.models.remembered import RememberedStep
from services.livelihood_support.models.stays import FacilityRole, Stay, StayMoveRow
from services.livelihood_support.models.ways import OfferedWay
from services.livelihood_support.policy import (
    ANSWER_BEGAN,
    OPEN_OFFERS,
    PURGE_BEGAN,
    TAKEN_UP,
    OfferStatus,
    QuestionCode,
    ReplyCode,
)
from shared.contracts.vocabulary import (
    AgeBand,
    Citizenship,
    EntitlementCode,
    OrganisationKind,
    Purpose,
    ReasonCode,
    ReferralStatus,
    Regime,
    Route,
    ServiceOutcome,
    Sex,
    VerificationOutcome,
)
from shared.kit.clock import local_date
from shared.kit.columns import all_of, append_only, listed, one_of, short

__all__ = [
    "METADATA",
    "SETTLED_REFERRALS",
    "Alert",
    "AlertKind",
    "AnswerSet",
    "Base",
    "CaseFact",
    "CaseFile",
    "Consent",
    "FacilityRole",
    "Handover",
    "HeldPlace",
    "ManagerRole",
    "Need",
    "Offer",
    "OfferQuestion",
    "OfferedWay",
    "Organisation",
    "OwnerRole",
    "Plan",
    "PlanRevision",
    "Programme",
    "Provision",
    "ReadNotice",
    "ReadinessAttestation",
    "ReadinessSheet",
    "Referral",
    "ReferralMove",
    "RememberedStep",
    "Seed",
    "Stay",
    "StayMoveRow",
]


SETTLED_REFERRALS = (
    ReferralStatus.COMPLETED,
    ReferralStatus.FAILED,
    ReferralStatus.CANCELLED,
    ReferralStatus.ENTERED_IN_ERROR,
)
"""Statuses nothing follows on; a person may be referred for the same code again."""


class CaseFile(Base):
    """What intake told of a case, and how its verification ended; no identity."""

    __tablename__ = "case_files"
    __table_args__ = (
        one_of("route", Route),
        one_of("receiver_kind", OrganisationKind),
        one_of("age_band", AgeBand),
        one_of("sex", Sex),
        one_of("asked_staff_sex", Sex),
        one_of("citizenship", Citizenship),
        one_of("verification_outcome", VerificationOutcome),
        one_of("verification_regime", Regime),
        Index(
            "ix_case_files_responsible",
            "responsible_id",
            "case_id",
            postgresql_where=text("responsible_id IS NOT NULL"),
        ),
        # Whose verification runs: who may have a provisional plan.
        Index(
            "ix_case_files_presumed",
            "case_id",
            postgresql_where=text("verification_outcome IS NULL"),
        ),
        Index(
            "ix_case_files_window",
            "window_look_on",
            postgresql_where=text("window_look_on IS NOT NULL"),
        ),
    )

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str | None] = short(12)
    """What people call the case; unset in files that a former release stored."""
    route: Mapped[str] = short()
    receiver_id: Mapped[UUID]
    receiver_kind: Mapped[str] = short()
    area_code: Mapped[str] = short(10)
    age_band: Mapped[str] = short()
    sex: Mapped[str] = short()
    citizenship: Mapped[str] = short()
    languages: Mapped[list[str]]
    needs_interpreter: Mapped[bool] = mapped_column(server_default=text("false"))
    asked_staff_sex: Mapped[str | None] = short()
    """The sex the person asks of the staff who serve them; unset if any will do."""
    requested_services: Mapped[list[str]]
    received_at: Mapped[datetime]
    area_told_on: Mapped[date | None]
    """The day on which the code of the area was told: what it means then. Unset in files that a
    former release stored.
    """
    responsible_id: Mapped[UUID | None]
    """The organisation that the case was handed to; unset where whoever holds its area owns it."""
    verification_outcome: Mapped[str | None] = short()
    verification_regime: Mapped[str | None] = short()
    concluded_at: Mapped[datetime | None]
    identified_on: Mapped[date | None]
    """The day of the decision or of the paper that proves; a window to apply begins with it."""
    window_look_on: Mapped[date | None]
    """When the window to apply is looked at again; unset once it is closed, or none is known."""

    @property
    def area_on(self) -> date:
        """The day by which the code of the area is read: codes were given to other units later."""
        return self.area_told_on or local_date(self.received_at)


class Consent(Base):
    """Whether organisations of a kind may learn of a person for a purpose, as last told."""

    __tablename__ = "consents"
    __table_args__ = (one_of("organisation_kind", OrganisationKind), one_of("purpose", Purpose))

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_files.case_id"), primary_key=True)
    organisation_kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(40), primary_key=True)
    is_live: Mapped[bool]
    changed_at: Mapped[datetime]


class Referral(Base):
    """One entitled need that seeks, or has found, one place in one programme."""

    __tablename__ = "referrals"
    __table_args__ = (
        one_of("code", EntitlementCode),
        one_of("status", ReferralStatus),
        one_of("outcome", ServiceOutcome),
        CheckConstraint("(outcome IS NOT NULL) = (status = 'completed')", name="outcome_completed"),
        # Whoever accepted has to begin; as few as are about to.
        Index("ix_referrals_accepted", "id", postgresql_where=text("status = 'accepted'")),
        # A need is referred once at a time; what has ended may be asked for again.
        Index(
            "uq_referrals_live",
            "case_id",
            "code",
            unique=True,
            postgresql_where=text(f"status NOT IN ({listed(SETTLED_REFERRALS)})"),
        ),
        # What the sweep looks for; nearly empty while programmes have places.
        Index("ix_referrals_unplaced", "code", postgresql_where=text("status = 'unplaced'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_files.case_id"), index=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plans.id"))
    need_id: Mapped[UUID | None] = mapped_column(ForeignKey("needs.id"), unique=True)
    """Unset only where a worker of the release before made it, until the sweep has seen it."""
    code: Mapped[str] = short()
    status: Mapped[str] = short()
    outcome: Mapped[str | None] = short()
    version: Mapped[int]
    opened_at: Mapped[datetime]
    moved_at: Mapped[datetime]
    tried_changes: Mapped[int | None]
    """While unplaced: the sum of ``changes`` of all programmes for its code when last tried."""


class Offer(Base):
    """One programme asked for one referral; while it is open it holds one place."""

    __tablename__ = "offers"
    __table_args__ = (
        one_of("organisation_kind", OrganisationKind),
        one_of("status", OfferStatus),
        one_of("reason", ReasonCode),
        CheckConstraint(
            f"is_current OR status NOT IN ({listed(OPEN_OFFERS)})",
            name="open_is_current",
        ),
        CheckConstraint(
            f"(ended_at IS NULL) = (status IN ({listed(OPEN_OFFERS)}))",
            name="ended",
        ),
        # Whoever serves has accepted: what it may know hangs on this alone.
        CheckConstraint(
            f"accepted_at IS NOT NULL OR status NOT IN ({listed(TAKEN_UP)})",
            name="accepted",
        ),
        # Only what was told can be deleted, and only what was asked for confirmed.
        CheckConstraint(
            "(purge_asked_at IS NULL OR accepted_at IS NOT NULL)"
            " AND (purge_confirmed_at IS NULL OR purge_asked_at IS NOT NULL)",
            name="purge",
        ),
        CheckConstraint("confirmed_at IS NULL OR accepted_at IS NOT NULL", name="confirmed"),
        # An open offer is current, so this also keeps two from being open for one referral.
        Index("uq_offers_current", "referral_id", unique=True, postgresql_where=text("is_current")),
        Index("ix_offers_history", "referral_id"),
        Index("ix_offers_inbox", "organisation_id", postgresql_where=text("is_current")),
        # What somebody may still answer; when it ends, its clock says.
        Index("ix_offers_offered", "id", postgresql_where=text("status = 'offered'")),
        # Of what is said to have been provided the person has not been heard yet.
        Index(
            "ix_offers_unconfirmed",
            "referral_id",
            postgresql_where=text("is_current AND status = 'completed' AND confirmed_at IS NULL"),
        ),
        # Offers on their way; empty while the systems of organisations answer.
        Index(
            "ix_offers_delivery_due",
            "delivery_due_at",
            postgresql_where=text(
                "status = 'offered' AND delivered_at IS NULL AND seen_at IS NULL"
            ),
        ),
        # Purges a case owner will have to ask about; empty while organisations confirm.
        Index(
            "ix_offers_purge_owed",
            "id",
            postgresql_where=text("purge_asked_at IS NOT NULL AND purge_confirmed_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referrals.id"))
    programme_id: Mapped[UUID] = mapped_column(ForeignKey("programmes.id"))
    organisation_id: Mapped[UUID]
    organisation_kind: Mapped[str] = short()
    status: Mapped[str] = short()
    is_current: Mapped[bool]
    """The organisation of this offer is the one asked now, or the one that ended the referral."""
    points: Mapped[dict[str, Any]]
    """What the programme was chosen for: points by merit."""
    offered_at: Mapped[datetime]
    delivery_due_at: Mapped[datetime | None]
    """When the next programme is asked, should this organisation not have been reached by then."""
    delivered_at: Mapped[datetime | None] = mapped_column()
    seen_at: Mapped[datetime | None] = mapped_column()
    accepted_at: Mapped[datetime | None]
    """Never unset again: from here on the organisation may know whom the offer is about."""
    ended_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    """When the case owner said that the support has reached the person."""
    reason: Mapped[str | None] = short()
    purge_asked_at: Mapped[datetime | None] = mapped_column()
    """When consent was last withdrawn: what the organisation was told has to be deleted."""
    purge_confirmed_at: Mapped[datetime | None]
    purge_id: Mapped[UUID | None]
    """The id of the last request: a notice of an earlier one says nothing about this one."""
    expires_at: Mapped[datetime | None] = column_property(
        due_at_of(id, ANSWER_BEGAN, func.least(delivered_at, seen_at)),  # noqa: A003 - its own
        deferred=True,
    )
    """The end of the time to answer, as its clock says; it begins when the organisation has the
    offer."""
    purge_due_at: Mapped[datetime | None] = column_property(
        due_at_of(id, PURGE_BEGAN, purge_asked_at),  # noqa: A003 - its own
        deferred=True,
    )
    """When an unconfirmed purge becomes a case owner's alert, as its clock says."""

    @property
    def owes_purge(self) -> bool:
        """Whether the organisation was told to purge and has not confirmed it yet."""
        return self.purge_asked_at is not None and self.purge_confirmed_at is None


class ReferralMove(Base):
    """One step of a referral: appended, never changed."""

    __tablename__ = "referral_moves"
    __table_args__ = (
        one_of("to_status", ReferralStatus),
        one_of("reason", ReasonCode),
        one_of("outcome", ServiceOutcome),
        all_of("questions", QuestionCode),
        one_of("reply", ReplyCode),
        # Two steps cannot make the same version; having looked at an offer is no such step.
        Index(
            "uq_referral_moves_version",
            "referral_id",
            "version",
            unique=True,
            postgresql_where=text("from_status IS DISTINCT FROM to_status"),
        ),
        Index("ix_referral_moves_referral", "referral_id", "id"),
        {"info": append_only()},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referrals.id"))
    offer_id: Mapped[UUID | None] = mapped_column(ForeignKey("offers.id"))
    actor: Mapped[str] = short(200)
    from_status: Mapped[str | None] = short()
    to_status: Mapped[str] = short()
    reason: Mapped[str | None] = short()
    outcome: Mapped[str | None] = short()
    questions: Mapped[list[str] | None]
    """What was asked with it, or replied to; unset where it asked and replied nothing."""
    reply: Mapped[str | None] = short()
    at: Mapped[datetime]
    version: Mapped[int]


class Seed(Base):
    """A random value made with the database and kept in its backups: what is secret about ids.

    Plans follow from their cases by it. So does everything below them, ids that partners read
    included: whoever knows a case can compute none of them.
    """

    __tablename__ = "seeds"
    __table_args__ = (CheckConstraint("id = 1", name="single"), {"info": append_only()})

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[UUID]
