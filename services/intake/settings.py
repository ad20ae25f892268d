"""What the processes of intake read from their environment."""

from pathlib import Path

from shared.kit.settings import ServiceSettings, settings_config


class IntakeSettings(ServiceSettings):
    """The common settings, under the prefix ``INTAKE_``, and the keys of the vault."""

    model_config = settings_config("INTAKE_")

    master_keys_file: Path
    """JSON: the master keys that wrap each person's data key, and the key of the blind indexes."""
