"""What the processes of livelihood support read from their environment."""

from shared.kit.settings import ServiceSettings, settings_config


class LivelihoodSupportSettings(ServiceSettings):
    """The common settings, under the prefix ``LIVELIHOOD_SUPPORT_``."""

    model_config = settings_config("LIVELIHOOD_SUPPORT_")
