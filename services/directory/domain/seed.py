"""The first facts of an installation: public institutions and their programmes.

The files are in this service's ``seed/``; their last days (``to``) are inclusive, as official texts
write them, and become the first day after here.
"""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.directory.domain import organisations, programmes
from services.directory.domain.organisations import OrganisationFacts
from services.directory.domain.programmes import ProgrammeFacts
from services.directory.errors import KindFixed, OrganisationNotFound, ProviderFixed
from services.directory.models import Organisation, Programme
from shared.contracts.directory import DatedRole
from shared.contracts.vocabulary import EntitlementCode, OrganisationKind, Role, Sex
from shared.law import Certainty

FOLDER = Path(__file__).parents[1] / "seed"
ACTOR = "seed"
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Seed:
    """The files as parsed."""

    organisations: Sequence[Mapping[str, Any]]
    programmes: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Seeded:
    """How many rows were written or rewritten; nothing is left to do when all are 0."""

    organisations: int
    programmes: int


def read_seed(folder: Path = FOLDER) -> Seed:
    """Parse ``organisations.toml`` and ``programmes.toml`` of a folder."""
    return Seed(
        organisations=_toml(folder / "organisations.toml")["organisations"],
        programmes=_toml(folder / "programmes.toml")["programmes"],
    )


def seed_directory(
    session: Session,
    *,
    facts: Seed,
    now: datetime,
) -> Seeded:
    """Bring the directory to the facts of the files, and tell the others of what is new or changed.

    A row is written when its facts in the files differ from those last taken from the files: to
    seed again changes nothing, and what somebody has changed since is kept until the files say
    something new. No file assures a programme: that is its organisation's, and one that it has
    assured is kept as it stands. Rows that left the files stay. Raises ``KindFixed``,
    ``ProviderFixed`` and ``OrganisationNotFound`` for files that contradict what is known.
    """
    return Seeded(
        organisations=sum(
            _seed_organisation(session, row, now) for row in _by_id(facts.organisations)
        ),
        programmes=sum(_seed_programme(session, row, now) for row in _by_id(facts.programmes)),
    )


def _by_id(rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """In the order in which whoever locks many of a kind locks them."""
    return sorted(rows, key=lambda row: UUID(row["id"]))


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _digest(row: Mapping[str, Any]) -> str:
    """What tells the facts of a row from other facts, whatever order they are written in."""
    return hashlib.sha256(orjson.dumps(row, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _day_after(last: date | None) -> date | None:
    return None if last is None else last + ONE_DAY


def _seed_organisation(session: Session, row: Mapping[str, Any], now: datetime) -> bool:
    """Whether the organisation was written."""
    organisation_id, digest = UUID(row["id"]), _digest(row)
    known = session.get(Organisation, organisation_id, with_for_update={"of": Organisation})
    if known is not None and known.seed_digest == digest:
        return False
    kind, facts = OrganisationKind(row["kind"]), _organisation_facts(row)
    if known is None:
        known = organisations.open_organisation(
            session,
            organisation_id=organisation_id,
            code=row["code"],
            kind=kind,
            facts=facts,
            now=now,
            actor=ACTOR,
        )
    elif (known.kind, known.code) != (kind, row["code"]):
        raise KindFixed(organisation_id=str(organisation_id))
    else:
        organisations.apply_facts(session, known, facts=facts, now=now, actor=ACTOR)
    known.seed_digest = digest
    return True


def _organisation_facts(row: Mapping[str, Any]) -> OrganisationFacts:
    return OrganisationFacts(
        name_vi=row["name_vi"],
        name_en=row["name_en"],
        roles=tuple(
            DatedRole(
                role=Role(role["role"]),
                area_code=role["area_code"],
                valid_from=role["from"],
                valid_to=_day_after(role.get("to")),
            )
            for role in row["roles"]
        ),
        source=row.get("source"),
        certainty=Certainty(row["certainty"]),
    )


def _seed_programme(
    session: Session,
    row: Mapping[str, Any],
    now: datetime,
) -> bool:
    """Whether the programme was written."""
    programme_id, digest = UUID(row["id"]), _digest(row)
    known = session.get(Programme, programme_id, with_for_update={"of": Programme})
    if known is not None and known.seed_digest == digest:
        return False
    provider_id, facts = _provider(session, row), _programme_facts(row)
    if known is None:
        known = programmes.open_programme(
            session,
            programme_id=programme_id,
            organisation_id=provider_id,
            facts=facts,
            now=now,
            actor=ACTOR,
        )
    elif known.organisation_id != provider_id:
        raise ProviderFixed(programme_id=str(programme_id))
    elif known.assured_by is not None:
        # Somebody answers for what stands there; the file says what it was assumed to be.
        return False
    else:
        programmes.apply_facts(session, known, facts=facts, now=now, actor=ACTOR)
    known.seed_digest = digest
    return True


def _provider(session: Session, row: Mapping[str, Any]) -> UUID:
    code = row["organisation_code"]
    found = session.scalar(select(Organisation.id).where(Organisation.code == code))
    if found is None:
        raise OrganisationNotFound(code=code)
    return found


def _programme_facts(row: Mapping[str, Any]) -> ProgrammeFacts:
    return ProgrammeFacts(
        name_vi=row["name_vi"],
        name_en=row["name_en"],
        codes=tuple(EntitlementCode(code) for code in row["codes"]),
        area_codes=tuple(row["area_codes"]),
        capacity=row["capacity"],
        languages=tuple(row["languages"]),
        has_interpreter=row.get("has_interpreter", False),
        client_sexes=tuple(map(Sex, row.get("client_sexes", Sex))),
        minimum_age=row.get("minimum_age"),
        maximum_age=row.get("maximum_age"),
        serves_children=row.get("serves_children", False),
        staff_sexes=tuple(map(Sex, row.get("staff_sexes", ()))),
        certainty=Certainty(row["status"]),
    )
