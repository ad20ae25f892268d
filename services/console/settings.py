"""What the console is told, once, by its composition root."""

from pathlib import Path

from pydantic_settings import BaseSettings

from shared.kit.configuration import settings_config


class ConsoleSettings(BaseSettings):
    """Where the APIs are, and with which key the console asks."""

    model_config = settings_config("CONSOLE_")

    apis: str
    """Where a service's API answers; ``{service}`` stands for its name in addresses."""
    token_endpoint: str
    """The address of the token endpoint, which assertions are made for."""
    client_id: str = "console"
    """As which client the console is registered."""
    key_file: Path
    """JSON Web Key (RFC 7517): the private key of that client."""
    address: str
    """What people open; with ``https`` cookies never travel without it."""
    is_behind_proxy: bool = False
    """Whether every request comes through our own proxy, which says where it came from."""
    exit_to: str = "https://www.nchmf.gov.vn/"
    """Where a quick exit leads: a page that nobody wonders about."""
    help_number: str = ""
    """Whom to call who cannot log in; the page says so if there is one."""
    is_sandbox: bool = False
    """Whether everybody here is invented, and no second factor is asked for: every page says so."""
