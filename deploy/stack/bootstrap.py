"""The first facts of a new installation: Hải Phòng's public institutions and an administrator."""

from pathlib import Path
from uuid import UUID

import orjson
from joserfc.jwk import OKPKey
from sqlalchemy.orm import Session

from deploy.stack.client import Credentials
from deploy.stack.keys import write_private
from services.directory import domain
from services.directory.errors import ClientNotFound
from shared.contracts import DatedRole
from shared.contracts.vocabulary import OrganisationKind, Role
from shared.kit.auth import ALGORITHM
from shared.kit.clock import local_date, utc_now
from shared.kit.database import Database, make_engine
from shared.kit.identifiers import new_id
from shared.places import WHOLE_CITY

FILE = "administrator.json"
ACTOR = "bootstrap"
"""The province code of Hải Phòng: what an administrator may do, it may do everywhere."""
ROLES = (Role.ADMINISTRATOR, Role.OPERATOR, Role.AUDITOR)


def directory(url: str, folder: Path) -> Credentials:
    """Seed the directory and have in it a client that may administer the installation.

    The client's private key is left in ``administrator.json`` in this folder and nowhere else. A
    file whose client this database does not know is replaced: the database is new, or the one
    before ended between the file and the commit.
    """
    database = Database(make_engine(url, pool_size=1))
    path = folder / FILE
    try:
        with database.begin() as session:
            now = utc_now()
            domain.seed_directory(session, facts=domain.read_seed(), assured_at=now, now=now)
            if not _is_registered(session, path):
                _register(session, path)
    finally:
        database.engine.dispose()
    return Credentials.read(orjson.loads(path.read_bytes()))


def _is_registered(session: Session, path: Path) -> bool:
    if not path.exists():
        return False
    try:
        domain.find_client(session, client_id=orjson.loads(path.read_bytes())["client_id"])
    except ClientNotFound:
        return False
    return True


def _register(session: Session, path: Path) -> None:
    """An organisation for whoever runs the exchange, and its client.

    The key is written before the transaction commits: a file whose client does not exist is made
    again, a client whose key is lost could not be used.
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
    write_private(path, orjson.dumps(stored, option=orjson.OPT_INDENT_2))


def _operations(session: Session) -> UUID:
    today = local_date(utc_now())
    organisation = domain.open_organisation(
        session,
        code=f"van-hanh-{new_id().hex[-8:]}",
        kind=OrganisationKind.OPERATIONS,
        facts=domain.OrganisationFacts(
            name_vi="Bộ phận vận hành hệ thống Nhịp Cầu",
            name_en="Operations of Nhịp Cầu",
            roles=tuple(
                DatedRole(role=role, area_code=WHOLE_CITY, valid_from=today) for role in ROLES
            ),
        ),
        now=utc_now(),
        actor=ACTOR,
    )
    return organisation.id
