"""Reads what came back: a mail (file), what it says (none), written down (transaction), deleted.

A kill between any two of these leaves the file, and it is read again: a repeat changes nothing. Of
several workers that look into one folder each reads what the others have left.
"""

import mailbox
from collections.abc import Callable
from pathlib import Path

from services.notification import domain
from services.notification.errors import DeliveryUnderWay
from services.notification.policy import ReturnAddress, read_bounce
from services.notification.tasks.rounds import Rounds
from shared.kit.clock import Clock
from shared.kit.database import Begin
from shared.kit.logging import logger
from shared.messaging.pulse import Beat, unwatched

LOOK = 30.0
"""Seconds after which it looks again: what came back has been on its way for minutes or days."""
MOST = 2**20
"""How much of a mail is read: what it says stands before what it brings back."""


class BounceReader:
    """Reads a Maildir until stopped, and leaves nothing in it."""

    def __init__(
        self,
        begin: Begin,
        folder: Path,
        address: ReturnAddress,
        *,
        clock: Clock,
        on_death: Callable[[], None],
        look: float = LOOK,
        beat: Beat = unwatched,
    ) -> None:
        self._begin = begin
        self._folder = folder
        self._address = address
        self._clock = clock
        self._beat = beat
        self._rounds = Rounds("bounces", self.turn, look=look, on_death=on_death, beat=beat)

    def start(self) -> None:
        """Begin."""
        self._rounds.start()

    def committed(self, _session: object) -> None:
        """What a frame has made brings nothing back at once."""

    def stop(self) -> None:
        """Finish the mail under way, then end."""
        self._rounds.stop()

    def turn(self) -> bool:
        """Read what is there; what cannot be read now is left to the next turn."""
        try:
            folder = mailbox.Maildir(self._folder, create=False)
            for key in folder.keys():  # noqa: SIM118 - a Maildir iterates over mails
                self._beat()
                if not self._rounds.is_open:
                    break
                self._read(folder, key)
        except (mailbox.NoSuchMailboxError, OSError) as fault:
            logger().error("bounces_unreadable", error=type(fault).__name__)
        return False

    def _read(self, folder: mailbox.Maildir, key: str) -> None:
        try:
            with folder.get_file(key) as file:
                raw = file.read(MOST)
        except KeyError:
            # Another worker has read it.
            return
        bounced = read_bounce(self._address, raw)
        if bounced is None:
            # Of a mailbox that sends nothing: an absent officer's machine, or whoever guesses.
            logger().info("bounce_passed_over")
        else:
            try:
                with self._begin() as session:
                    domain.note_bounce(session, bounced=bounced, now=self._clock())
            except DeliveryUnderWay:
                return
        folder.discard(key)
