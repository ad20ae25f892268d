"""The first facts of a new installation: Hải Phòng's public institutions and who runs it.

Whoever lets others in (administrator), whoever sets messages right (operator), whoever looks at
what both did (auditor) and what people log in at (console) are four organisations, each with a
client of its own: no key opens all.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

import orjson
from joserfc.jwk import OKPKey
from sqlalchemy.orm import Session

from deploy.stack.client import Credentials
from deploy.stack.keys import CONSOLE_KEY, write_private
from deploy.stack.retelling import tell_what_is_new
from services.directory import domain
from services.directory.errors import ClientNotFound
from shared.contracts import DatedRole
from shared.contracts.vocabulary import OrganisationKind, Role
from shared.kit.auth import ALGORITHM
from shared.kit.clock import local_date, utc_now
from shared.kit.database import Database, make_engine
from shared.kit.identifiers import new_id
from shared.places import WHOLE_CITY

ACTOR = "bootstrap"
NAMES: Mapping[Role, tuple[str, str]] = MappingProxyType(
    {
        Role.ADMINISTRATOR: ("quản trị danh bạ", "directory administration"),
        Role.OPERATOR: ("vận hành hệ thống", "operations"),
        Role.AUDITOR: ("kiểm tra, giám sát", "audit"),
    }
)
"""Whom an installation begins with; the role of each is all it may do, everywhere in the city."""


CONSOLE = "console"
"""The client id of the console, in every installation."""
_NAMED = {**NAMES, Role.CONSOLE: ("cổng đăng nhập của cán bộ", "console")}


def file_of(role: Role) -> str:
    """The name of the file in which the client of a role is left."""
    return f"{role}.json"


def credentials(folder: Path, role: Role = Role.ADMINISTRATOR) -> Credentials:
    """The client of a role, as it was left in this folder."""
    return Credentials.read(orjson.loads((folder / file_of(role)).read_bytes()))


def console_credentials(folder: Path) -> Credentials:
    """The console, as this installation knows it: with its key people are let log in."""
    key = OKPKey.import_key(orjson.loads((folder / CONSOLE_KEY).read_bytes()))
    return Credentials(CONSOLE, "", key)


def directory(url: str, folder: Path) -> Credentials:
    """Seed the directory and have in it a client for each who runs the installation.

    Each client's private key is left in a file of this folder and nowhere else. A file whose client
    this database does not know is replaced: the database is new, or the one before ended between
    the file and the commit. No programme is assured by this. What an upgrade lets the directory
    tell for the first time is told of all that was there before it. Returns the administrator.
    """
    database = Database(make_engine(url, pool_size=1))
    try:
        now = utc_now()
        # One transaction each: every one of them locks many rows in the order of their ids.
        with database.begin() as session:
            domain.seed_directory(session, facts=domain.read_seed(), now=now)
        with database.begin() as session:
            domain.part_roles(session, now=now, actor=ACTOR)
        with database.begin() as session:
            domain.end_unnamed_assurances(session, now=now, actor=ACTOR)
        with database.begin() as session:
            for role in NAMES:
                if not _is_registered(session, folder / file_of(role)):
                    _register(session, folder / file_of(role), role)
            _know_console(session, orjson.loads((folder / CONSOLE_KEY).read_bytes()))
        tell_what_is_new(database, ACTOR)
    finally:
        database.engine.dispose()
    return credentials(folder)


def _is_registered(session: Session, path: Path) -> bool:
    if not path.exists():
        return False
    try:
        domain.find_client(session, client_id=orjson.loads(path.read_bytes())["client_id"])
    except ClientNotFound:
        return False
    return True


def _register(session: Session, path: Path, role: Role) -> None:
    """An organisation that holds the role, and its client.

    The key is written before the transaction commits: a file whose client does not exist is made
    again, a client whose key is lost could not be used.
    """
    client_id = f"{role}-{new_id()}"
    organisation_id = _organisation(session, role)
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


def _know_console(session: Session, jwk: Mapping[str, Any]) -> None:
    """The client of the console, with the key that this installation has for it."""
    key = OKPKey.import_key(dict(jwk))
    public = key.as_dict(private=False)
    now = utc_now()
    try:
        known = domain.find_client(session, client_id=CONSOLE)
    except ClientNotFound:
        domain.register_client(
            session,
            client_id=CONSOLE,
            organisation_id=_organisation(session, Role.CONSOLE),
            public_jwk=public,
            now=now,
            actor=ACTOR,
        )
        return
    if known.public_jwk["x"] != public["x"]:
        domain.change_client(
            session,
            client_id=CONSOLE,
            public_jwk=public,
            is_active=True,
            expected_version=known.version,
            now=now,
            actor=ACTOR,
        )


def _organisation(session: Session, role: Role) -> UUID:
    in_vietnamese, in_english = _NAMED[role]
    held = DatedRole(role=role, area_code=WHOLE_CITY, valid_from=local_date(utc_now()))
    organisation = domain.open_organisation(
        session,
        code=f"{role}-{new_id().hex[-8:]}",
        kind=OrganisationKind.OPERATIONS,
        facts=domain.OrganisationFacts(
            name_vi=f"Bộ phận {in_vietnamese} Nhịp Cầu",
            name_en=f"Nhịp Cầu {in_english}",
            roles=(held,),
        ),
        now=utc_now(),
        actor=ACTOR,
    )
    return organisation.id
