"""What the processes of verification read from their environment."""

from shared.kit.configuration import settings_config
from shared.kit.settings import DatedSettings


class VerificationSettings(DatedSettings):
    """The common settings, under the prefix ``VERIFICATION_``."""

    model_config = settings_config("VERIFICATION_")
