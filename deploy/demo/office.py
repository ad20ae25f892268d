"""An office without a system: it accepts an offer by the link of a mail and the code agreed.

In an installation for people it follows the link to the console; the demonstration has no console,
and trades link and code for the office's token as the console does.
"""

from deploy.stack.client import ApiClient, Credentials
from deploy.stack.sandbox import DIRECTORY

LET_IN = f"{DIRECTORY}/log-ins/office"
HERE = "127.0.0.1"


class OfficeClient(ApiClient):
    """Calls the APIs as the office, about the one offer of the link."""

    def __init__(self, base_url: str, console: Credentials, *, link: str, code: str) -> None:
        super().__init__(base_url, console)
        self._given = {"link": link, "code": code, "source": HERE}
        self._console = ApiClient(base_url, console)
        self._let_in = ""

    def bearer(self) -> str:
        """The token of the office, which is good for ten minutes."""
        if not self._let_in:
            answer = self._console.post(LET_IN, self._given)
            answer.raise_for_status()
            self._let_in = answer.json()["access_token"]
        return self._let_in

    def close(self) -> None:
        """Close the connections, the console's as well."""
        self._console.close()
        super().close()
