"""Who may do what in Redis: a user for each service, none for anybody else.

Redis holds nothing that must survive and nothing personal, but whoever can write to a queue can
make work, and whoever can read one can take it away. So a service reads its own keys only, and of
all others it may append to a queue and ask its length.
"""

import hashlib
from collections.abc import Mapping

from deploy.local.redis import WATCHER, Login
from deploy.stack.keys import BROKER_OWNER, broker_user
from shared.contracts import Queue

SESSION = "+ping +hello +auth +select +info +client|setname +client|setinfo"
TRANSACTION = "+multi +exec +discard +watch +unwatch"
QUEUES = "+lpush +rpush +brpop +rpop +llen"
MARK = "+set +get +del +exists"
BINDINGS = "+sadd +smembers"
"""What kombu 5.7 and we send: lists, our mark, the sets that tie a queue to its name."""

OWN_COMMANDS = f"{SESSION} {TRANSACTION} {QUEUES} {MARK} {BINDINGS}"
OTHER_QUEUES = " ".join(f"~{queue} ~{queue}.receipts" for queue in Queue)
OWNER = "owner"
NOBODY = "user default off resetpass resetchannels allkeys +@all"
"""Nobody can be this user. But Redis reads its own file back in this name, and asks at each
transaction whether it may: without rights, a restart would leave out every transaction."""
ONLOOKER = f"user {WATCHER} on nopass resetkeys resetchannels -@all +ping"
"""Asks whether the server answers; anybody on its network may."""


def rules(service: Queue) -> str:
    """Keys and commands of a service's user, in the words of Redis 7 (``ACL SETUSER``)."""
    # Prefixes end at a separator, or a service named like another's beginning would share its keys.
    own = f"~{service} ~{service}.* ~{service}:* ~_kombu.binding.{service}"
    permanent = f"~_kombu.binding_permanent.{service}"
    return (
        f"resetkeys resetchannels -@all {OWN_COMMANDS} {own} {permanent}"
        f" ({OTHER_QUEUES} +lpush +llen)"
    )


def acl(passwords: Mapping[str, str]) -> str:
    """The ACL file; it holds hashes of the passwords, never the passwords."""
    users = [
        f"user {service} on #{_digest(passwords[broker_user(service)])} {rules(service)}"
        for service in Queue
    ]
    return "\n".join([NOBODY, ONLOOKER, *users, ""])


def acl_of_one_machine(passwords: Mapping[str, str]) -> str:
    """The same users, and one for whoever owns the machine, who could read every file anyway."""
    owner = f"user {OWNER} on #{_digest(passwords[BROKER_OWNER])} allkeys allchannels +@all\n"
    return acl(passwords) + owner


def login(passwords: Mapping[str, str], user: str) -> Login:
    """How this user enters."""
    name = BROKER_OWNER if user == OWNER else broker_user(user)
    return Login(user, passwords[name])


def _digest(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()
