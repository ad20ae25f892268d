"""The first facts of a new installation: Hải Phòng's public institutions and an administrator."""

from pathlib import Path
from uuid import UUID

import orjson
from joserfc.jwk import OKPKey
from sqlalchemy.orm import Session

from deploy.stack.client import Credentials
from services.directory import domain
from shared.contracts import DatedRole
from shared.contracts.vocabulary import OrganisationKind, Role
from shared.kit.auth import ALGORITHM
from shared.kit.clock import local_date, utc_now
from shared.kit.database import Database, make_engine
from shared.kit.identifiers import new_id

FILE = "administrator.json"
ACTOR = "bootstrap"
CITY = "31"
"""The province code of Hải Phòng: what an administrator may do, it may do everywhere."""
ROLES = (Role.ADMINISTRATOR, Role.OPERATOR, Role.AUDITOR)


def directory(url: str, folder: Path) -> Credentials:
    """Seed the directory and, once, register a client that may administer the installation.

    The client's private key is left in ``administrator.json`` in this folder and nowhere else.
    """
    database = Database(make_engine(url, pool_size=1))
    path = folder / FILE
    try:
        with database.begin() as session:
            now = utc_now()
            domain.seed_directory(session, facts=domain.read_seed(), assured_at=now, now=now)
            if not path.exists():
                _register(session, path)
    finally:
        database.engine.dispose()
    return Credentials.read(orjson.loads(path.read_bytes()))


def _register(session: Session, path: Path) -> None:
    """An organisation for whoever runs the exchange, and its client.

    The key is written before the transaction commits: a file whose client does not exist can be
    deleted and made again, a client whose key is lost could not be used.
    """
    client_id = f"administrator-{new_id()}"
    organisation_id = _operations(session)
    key = OKPKey.generate_key("Ed25519", parameters={"alg": ALGORITHM, "use": "sig"})
    key.ensure_kid()
    domain.register_client(
        session,
        client_id=client_id,
        organisation_id=organisation_id,
        public_jwk=key.as_dict(private=False),
        now=utc_now(),
        actor=ACTOR,
    )
    stored = {
        "client_id": client_id,
        "organisation_id": str(organisation_id),
        "private_jwk": key.as_dict(private=True),
    }
    path.touch(mode=0o600)
    path.write_bytes(orjson.dumps(stored, option=orjson.OPT_INDENT_2))


def _operations(session: Session) -> UUID:
    today = local_date(utc_now())
    organisation = domain.open_organisation(
        session,
        code=f"van-hanh-{new_id().hex[-8:]}",
        kind=OrganisationKind.OPERATIONS,
        facts=domain.OrganisationFacts(
            name_vi="Bộ phận vận hành hệ thống Nhịp Cầu",
            name_en="Operations of Nhịp Cầu",
            roles=tuple(DatedRole(role=role, area_code=CITY, valid_from=today) for role in ROLES),
        ),
        now=utc_now(),
        actor=ACTOR,
    )
    return organisation.id
