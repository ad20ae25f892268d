"""What the processes of intake read from their environment."""

from pathlib import Path

from shared.kit.configuration import settings_config
from shared.kit.settings import DatedSettings


class IntakeSettings(DatedSettings):
    """The common settings, under the prefix ``INTAKE_``: all that worker and relay are told."""

    model_config = settings_config("INTAKE_")


class IntakeApiSettings(IntakeSettings):
    """With the keys of the vault, for the one process that opens it."""

    master_keys_file: Path
    """JSON: the master keys that wrap each person's data key, and the key of the blind indexes."""
