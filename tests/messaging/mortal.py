"""A process that handles one frame and is killed by the message that says so."""

import os
import sys
from pathlib import Path

import orjson

from shared.kit.database import Database, make_engine
from tests.messaging.parts import Receiver


def main() -> None:
    database = Database(make_engine(sys.argv[1]))
    receiver = Receiver(database, deeds={"deadly": lambda _session, _message: os._exit(9)})
    receiver.take(*orjson.loads(Path(sys.argv[2]).read_bytes()))


if __name__ == "__main__":
    main()
