"""What the processes of verification read from their environment."""

from shared.kit.settings import ServiceSettings, settings_config


class VerificationSettings(ServiceSettings):
    """The common settings, under the prefix ``VERIFICATION_``."""

    model_config = settings_config("VERIFICATION_")
