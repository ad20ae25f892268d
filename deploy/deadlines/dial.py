"""The dial of the demonstration's clock: a file that says how far its day lies back."""

from datetime import datetime, timedelta
from pathlib import Path

from shared.kit.clock import utc_now

SETTINGS = tuple(
    f"{service}_DELAY_FILE" for service in ("INTAKE", "VERIFICATION", "LIVELIHOOD_SUPPORT")
)
"""Where the services that keep days of the law are told of the file. The directory and notification
keep what must agree with others, and stay in the present."""


class Dial:
    """Forward only, and never past the present."""

    def __init__(self, path: Path, begins_at: datetime) -> None:
        self._path = path.absolute()
        self._behind = utc_now() - begins_at
        self._write()

    @property
    def settings(self) -> dict[str, str]:
        """What the processes are told."""
        return dict.fromkeys(SETTINGS, str(self._path))

    @property
    def now(self) -> datetime:
        """Which moment it is for the services that follow."""
        return utc_now() - self._behind

    def turn_to(self, instant: datetime) -> None:
        """Let it be this moment, unless it is later already; at the most the present."""
        self._behind = max(timedelta(), min(self._behind, utc_now() - instant))
        self._write()

    def turn_to_present(self) -> None:
        """Let the day be the machine's from now on."""
        self.turn_to(utc_now())

    def _write(self) -> None:
        """In one step: who reads it meanwhile reads the one or the other."""
        fresh = self._path.with_suffix(".new")
        fresh.write_text(f"{self._behind.total_seconds()}\n", encoding="ascii")
        fresh.replace(self._path)
