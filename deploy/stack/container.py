"""Preparing an installation whose servers run in containers of their own."""

import os
from pathlib import Path
from urllib.parse import quote

from deploy.stack import bootstrap, databases
from deploy.stack.keys import ADMINISTRATOR, PASSWORDS, Keys
from deploy.stack.refusals import Refused
from deploy.words import say
from shared.contracts import Queue
from shared.kit.configuration import SECRETS

PLACE = "NHIPCAU_KEYS"
"""Names the folder of an installation's keys; the container's secrets if unset."""
HOST = "POSTGRES_HOST"


class NoKeys(Refused):
    """The keys of a whole installation are handed to some containers, and this is none of them."""


def keys() -> Keys:
    """The keys of this installation; raises ``NoKeys``."""
    found = Keys(Path(os.environ.get(PLACE, str(SECRETS))))
    if not found.path(PASSWORDS).exists():
        raise NoKeys(say("no-keys", folder=found.folder))
    return found


def url_of(database: str, role: str) -> str:
    """The SQLAlchemy address of a database for a role, over the containers' network."""
    host = os.environ.get(HOST, "postgres")
    password = quote(keys().passwords()[role], safe="")
    return f"postgresql+psycopg://{role}:{password}@{host}:5432/{database}"


def prepare() -> None:
    """Databases, tables, the directory's institutions, an administrator; again changes nothing."""
    databases.create(lambda name: url_of(name, ADMINISTRATOR), keys().passwords())
    databases.migrate(url_of)
    bootstrap.directory(url_of(Queue.DIRECTORY, Queue.DIRECTORY), keys().folder)
