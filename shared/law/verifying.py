"""What a verification rests on: the papers that prove by themselves, and who may verify."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from shared.contracts import Queue
from shared.contracts.law import Certainty
from shared.contracts.vocabulary import OrganisationKind, PaperType, Regime, Route
from shared.law.rows import read


@dataclass(frozen=True)
class Proof:
    """A paper that concludes a verification by itself."""

    paper: PaperType
    regime: Regime
    route: Route | None
    """The only route on which it proves; unset where it proves on any."""
    legal_ref: str
    status: Certainty
    note: str | None
    """Why it is no more certain."""

    @property
    def key(self) -> str:
        """The name of the rule."""
        return f"proof.{self.paper.lower()}"


@dataclass(frozen=True)
class Authority:
    """A kind of organisation that may verify, from a day to a day."""

    kind: OrganisationKind
    valid_from: date
    valid_to: date | None
    legal_ref: str
    status: Certainty
    note: str | None

    @property
    def key(self) -> str:
        """The name of the rule."""
        return f"authority.{self.kind}"

    def holds(self, on: date) -> bool:
        """Whether it may verify on a day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True)
class VerificationRules:
    """All rows, each list in the order of the file."""

    proofs: tuple[Proof, ...]
    authorities: tuple[Authority, ...]
    services: tuple[Queue, ...]
    """The services that act on them."""

    def proving(self, regime: Regime, route: Route) -> tuple[Proof, ...]:
        """What proves under a law on a route, in the order of the law."""
        return tuple(it for it in self.proofs if it.regime is regime and it.route in {None, route})

    def proof(self, paper: PaperType, *, regime: Regime, route: Route) -> Proof | None:
        """By which row a paper proves; ``None`` if it does not."""
        return next((it for it in self.proving(regime, route) if it.paper is paper), None)

    def authority(self, kind: OrganisationKind, *, on: date) -> Authority | None:
        """By which row an organisation of this kind verifies on a day; ``None`` without one."""
        return next((it for it in self.authorities if it.kind is kind and it.holds(on)), None)


def parse_verification_rules(text: str) -> VerificationRules:
    """The rows of a rule file; an unknown word in it is an error."""
    data = tomllib.loads(text)
    return VerificationRules(
        tuple(_proof(row) for row in data["proof"]),
        tuple(_authority(row) for row in data["authority"]),
        tuple(map(Queue, data["services"])),
    )


def _proof(row: Mapping[str, Any]) -> Proof:
    return Proof(
        paper=PaperType(row["paper"]),
        regime=Regime(row["regime"]),
        route=Route(row["route"]) if "route" in row else None,
        legal_ref=row["legal_ref"],
        status=Certainty(row["status"]),
        note=row.get("note"),
    )


def _authority(row: Mapping[str, Any]) -> Authority:
    return Authority(
        kind=OrganisationKind(row["kind"]),
        valid_from=row["valid_from"],
        valid_to=row.get("valid_to"),
        legal_ref=row["legal_ref"],
        status=Certainty(row["status"]),
        note=row.get("note"),
    )


@cache
def verification_rules() -> VerificationRules:
    """The rows of this release."""
    return parse_verification_rules(read("verification.toml"))
