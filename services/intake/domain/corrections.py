"""A birth date, or the time of an act, was another than was told: what follows from it.

What was told first is never replaced. A correction is sealed beside it, and whoever opens the
identity reads it as corrected.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.intake.domain.bands import tell_age_band
from services.intake.domain.reading import lock_case
from services.intake.domain.since import corrected_since
from services.intake.domain.vault import merged, open_identity, seal_correction
from services.intake.errors import InvalidRequest
from services.intake.models import Case, Correction, Person
from services.intake.policy import (
    BY_BIRTH,
    Act,
    Birth,
    Born,
    CorrectionReason,
    IdentityDocumentType,
    age_band,
    band_ends_on,
    find_act_faults,
    find_birth_faults,
    find_birth_warnings,
    read_span,
    was_minor_at_act,
)
from shared.access import Permission
from shared.contracts.vocabulary import AgeBandCause, Sex
from shared.kit import audit
from shared.kit.clock import local_date
from shared.kit.crypto import MasterKeys
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject
from shared.kit.versions import Expected, check_version


@dataclass(frozen=True, repr=False)
class Corrected:
    """What is known now; what is not corrected is unset."""

    birth: Birth | None
    began: str | None
    ended: str | None
    reason: CorrectionReason

    def details(self) -> dict[str, Any]:
        """What is sealed: the fields of the identity that are others now."""
        found: dict[str, Any] = {}
        if self.birth is not None:
            day = self.birth.day
            found["birth_date"] = day.isoformat() if day else None
            found["birth_year"] = None if day else self.birth.year
        told = {"began": self.began, "ended": self.ended}
        times = {name: it for name, it in told.items() if it is not None}
        return {**found, "exploitation": times} if times else found


def _born(sex: Sex, identity: Mapping[str, Any]) -> Born:
    """A person as opened, for what hangs on the birth."""
    exploitation: Mapping[str, Any] = identity["exploitation"] or {}
    began, ended = exploitation.get("began"), exploitation.get("ended")
    return Born(
        sex=sex,
        birth=_birth(identity),
        identity_numbers=[
            (IdentityDocumentType(it["type"]), it["number"])
            for it in identity["identity_documents"]
        ],
        has_representative=identity["representative"] is not None,
        has_exploitation=identity["exploitation"] is not None,
        has_means=bool(exploitation.get("means")),
        act=Act(read_span(began) if began else None, read_span(ended) if ended else None),
    )


def _birth(identity: Mapping[str, Any]) -> Birth:
    written: str | None = identity["birth_date"]
    if written is None:
        return Birth(int(identity["birth_year"]))
    day = date.fromisoformat(written)
    return Birth(day.year, day)


def correct_case(
    session: Session,
    *,
    keys: MasterKeys,
    case_id: UUID,
    subject: Subject,
    corrected: Corrected,
    expected_version: Expected,
    actor: str,
    now: datetime,
) -> tuple[Correction, Case]:
    """Keep a correction and compute anew what hangs on the age.

    Raises ``CaseNotFound``; refuses a version that was read before somebody corrected it last, and
    a birth or a time that cannot be (``InvalidRequest``).
    """
    today = local_date(now)
    case = lock_case(
        session,
        case_id=case_id,
        subject=subject,
        permission=Permission.CASE_CORRECT,
        on=today,
    )
    check_version(case.version, expected_version, since=corrected_since(session, case))
    person = session.get_one(Person, case.person_id)
    known = _born(Sex(case.sex), merged(open_identity(keys, person), corrected.details()))
    _check(case, known, today)
    correction = Correction(
        id=new_id(),
        case_id=case.id,
        person_id=person.id,
        reason=corrected.reason,
        at=now,
        version=case.version + 1,
    )
    correction.details = seal_correction(keys, person, correction.id, corrected.details())
    session.add(correction)
    audit.record(
        session,
        actor=actor,
        action="case.correct",
        object_id=case.id,
        now=now,
        correction_id=str(correction.id),
        reason=corrected.reason,
    )
    before = (case.age_band, case.was_minor_at_act)
    _compute(case, known, today)
    if (case.age_band, case.was_minor_at_act) != before:
        tell_age_band(session, case, cause=AgeBandCause.CORRECTION, actor=actor, now=now)
    session.flush()
    session.expire(person, ["corrections"])
    return correction, case


def _check(case: Case, known: Born, today: date) -> None:
    received_on = local_date(case.received_at)
    faults = [
        *find_birth_faults(known.birth, today, at="", received_on=received_on),
        *find_act_faults(known.act, known.birth, today, at=""),
    ]
    if faults:
        raise InvalidRequest(
            errors=[{"in": "body", "pointer": it.pointer, "rule": it.rule} for it in faults]
        )


def _compute(case: Case, known: Born, today: date) -> None:
    case.age_band = age_band(known.birth, today)
    case.was_minor_at_act = was_minor_at_act(known.birth, known.act, today)
    case.band_ends_on = band_ends_on(known.birth, today)
    kept = {each for each in case.warnings if each not in BY_BIRTH}
    case.warnings = sorted(kept | set(find_birth_warnings(known, today)))
    case.version += 1
