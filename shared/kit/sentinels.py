"""Redis Sentinel: several watchers who say which of several servers is the master now."""

from dataclasses import dataclass

SCHEME = "sentinel://"


@dataclass(frozen=True, repr=False)
class Sentinels:
    """How the sentinels know the group of servers, and as whom they are asked.

    Their addresses are in the broker's URL, whose user and password are those of the servers.
    """

    master_name: str
    username: str | None = None
    password: str | None = None
