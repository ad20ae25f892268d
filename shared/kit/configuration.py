"""Where settings are read from, the same for whatever is started."""

from pathlib import Path

from pydantic_settings import SettingsConfigDict

SECRETS = Path("/run/secrets")
"""Where a container finds its secrets, one file per setting."""


def settings_config(prefix: str) -> SettingsConfigDict:
    """Environment variables with this prefix, or files of the same name among the secrets.

    A value that is refused is not shown: it may be a secret, and errors end in a log.
    """
    return SettingsConfigDict(
        env_prefix=prefix,
        frozen=True,
        secrets_dir=SECRETS if SECRETS.is_dir() else None,
        extra="ignore",
        hide_input_in_errors=True,
    )
