"""What the processes of livelihood support read from their environment."""

from shared.kit.configuration import settings_config
from shared.kit.settings import DatedSettings


class LivelihoodSupportSettings(DatedSettings):
    """The common settings, under the prefix ``LIVELIHOOD_SUPPORT_``."""

    model_config = settings_config("LIVELIHOOD_SUPPORT_")

    unreached_seconds: float = 60.0
    """Seconds between two looks of the relay for offers that have not arrived in time, or that
    nobody has read on their last day: either is due when a day begins or ends. Fewer in
    demonstrations.
    """
