"""The exchange as its users see it: what is shown is what an API has answered to one of them."""

import time
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, TypeVar

from deploy.deadlines.dial import Dial
from deploy.demo import cases
from deploy.demo.asking import CASES, VERIFICATIONS, duties_of, every
from deploy.demo.cast import CASE_OWNER
from deploy.stack.client import ApiClient, Credentials
from deploy.stack.sandbox import Sandbox
from shared.contracts import Queue
from shared.contracts.vocabulary import PaperType

PROTECTIONS = "/verification/v1/protections"
ENTERING = "/intake/v1/targets/entering-verification"
VERIFIER = "cong-an-thanh-pho"
PATIENCE = 40.0
"""Seconds within which a message or a sweep brings about what a day has made due."""
LOOK = 0.2
PROVES_NOTHING = {PaperType.DECLARATION, PaperType.HANDOVER_RECORD}

T = TypeVar("T")


class DidNotComeAbout(Exception):
    """What a scene had to show was in no answer."""


@dataclass(frozen=True)
class Case:
    """A case of the story."""

    id: str
    code: str
    submitter: str


@dataclass
class Exchange:
    """A running exchange, with a client of each organisation that acts, made when it first does."""

    base_url: str
    registrar: Sandbox
    dial: Dial
    organisations: Mapping[str, Mapping[str, Any]] = field(init=False)
    _clients: dict[str, ApiClient] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.organisations = self.registrar.organisations()

    def client(self, code: str) -> ApiClient:
        """Call the APIs as an organisation."""
        if code not in self._clients:
            stored = self.registrar.add_client(f"deadlines-{code}", self.organisations[code])
            self._clients[code] = ApiClient(self.base_url, Credentials.read(stored))
        return self._clients[code]

    def client_of(self, organisation_id: str | None) -> ApiClient:
        """Call the APIs as the organisation that an answer has named."""
        return self.client(self.code_of(organisation_id))

    def code_of(self, organisation_id: str | None) -> str:
        """The code of an organisation."""
        found = {it["id"]: code for code, it in self.organisations.items()}
        if organisation_id not in found:
            raise DidNotComeAbout("an organisation that must act")
        return found[organisation_id]

    @property
    def owner(self) -> ApiClient:
        """Whoever owns the cases."""
        return self.client(CASE_OWNER)

    def close(self) -> None:
        """Close all connections."""
        for client in (self.registrar.administrator, *self._clients.values()):
            client.close()

    def let_lead(self, *codes: str) -> None:
        """Let organisations have people who lead: a period escalates to them."""
        for code in codes:
            self.registrar.let_manage(self.organisations[code]["id"])

    def assure(self) -> None:
        """Have everybody assure their programmes; nobody is sent to one before."""
        providers = {it["organisation_id"] for it in self.registrar.programmes()}
        self.registrar.assure({it: self.client_of(it) for it in providers})

    def submit(self, key: str, needs: Sequence[str], **stated: Any) -> Case:
        """A case of the demonstration without a paper that proves: somebody has to decide it."""
        (known,) = (it for it in cases.load() if it.key == key)
        body = deepcopy(known.case)
        body["papers"] = [it for it in body["papers"] if it["type"] in PROVES_NOTHING]
        body |= {"requested_services": list(needs), "immediate_needs": [], **stated}
        made = posted(self.client(known.submit_as), CASES, body)
        return Case(made["id"], made["code"], known.submit_as)

    def verification(self, case: Case) -> dict[str, Any]:
        """The verification of a case, once it is there and an authority is asked."""
        return self.until("verification", lambda: self._verification(case))

    def _verification(self, case: Case) -> dict[str, Any] | None:
        found = every(self.owner, VERIFICATIONS, case_id=case.id)
        return next((it for it in found if it["verifier_id"]), None)

    def move(self, case: Case, **move: Any) -> dict[str, Any]:
        """Whoever verifies a case moves it on; the verification afterwards."""
        found = self.verification(case)
        moved(self.client_of(found["verifier_id"]), self.at(found), **move)
        return self.verification(case)

    def at(self, verification: Mapping[str, Any]) -> str:
        """Where a verification is read and moved."""
        return f"{VERIFICATIONS}/{verification['id']}"

    def read(self, path: str) -> dict[str, Any]:
        """What whoever owns the cases reads there."""
        return read(self.owner, path)

    def events(self, case: Case) -> list[dict[str, Any]]:
        """The story of a case, newest first, as its owner reads it."""
        return every(self.owner, f"{CASES}/{case.id}/timeline")

    def told(self, case: Case, kind: str, level: str | None = None) -> dict[str, Any] | None:
        """The line of the story that a period has got to a level, if it has."""
        return next(
            (
                it
                for it in self.events(case)
                if it["kind"] == kind and level in {None, it["status"]}
            ),
            None,
        )

    def known(self, case: Case, kind: str, level: str) -> dict[str, Any]:
        """The same, where it is there."""
        found = self.told(case, kind, level)
        if found is None:
            raise DidNotComeAbout(f"{kind}: {level}")
        return found

    def owes(
        self, service: Queue, what: str, object_id: str | None, case: Case | None = None
    ) -> None:
        """Wait until whoever owns the cases finds a duty, of one thing or of one case."""

        def look() -> bool | None:
            duties = duties_of(self.owner, service, what)
            wanted = (object_id, "object_id") if case is None else (case.id, "case_id")
            return True if any(it[wanted[1]] == wanted[0] for it in duties) else None

        self.until(what, look)

    def turn(self, case: Case) -> dict[str, Any]:
        """The one sentence of a case: whose turn it is, and why."""
        turn: dict[str, Any] = self.read(f"{CASES}/{case.id}/journey")["turn"]
        return turn

    def until(self, what: str, ask: Callable[[], T | None], *, patience: float = PATIENCE) -> T:
        """The first answer that is one; raises ``DidNotComeAbout`` when none comes in time."""
        found = self.soon(ask, patience)
        if found is None:
            raise DidNotComeAbout(what)
        return found

    def soon(self, ask: Callable[[], T | None], patience: float) -> T | None:
        """The first answer that is one, if it comes in time."""
        ends_at = time.monotonic() + patience
        while True:
            found = ask()
            if found is not None or time.monotonic() > ends_at:
                return found
            time.sleep(LOOK)


def read(client: ApiClient, path: str) -> dict[str, Any]:
    """What a reading request was answered."""
    answer = client.get(path)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def moved(client: ApiClient, path: str, **move: Any) -> None:
    """Move what is read there on, as it was read."""
    version = read(client, path)["version"]
    posted(client, f"{path}/moves", move, version=version)


def posted(
    client: ApiClient, path: str, body: Mapping[str, Any], *, version: int | None = None
) -> dict[str, Any]:
    """What a creating request was answered."""
    answer = client.post(
        path, body, version=None if version is None else f'"{version}"', may_appear=True
    )
    answer.raise_for_status()
    made: dict[str, Any] = answer.json()
    return made
