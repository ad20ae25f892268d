"""The papers of a verification: who asks whom for what, who was identified, who was not and why."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from services.console.assets import Assets
from services.console.papers.sheet import Item, Part, Remark, Sheet, draw
from shared.kit.clock import local_date
from shared.texts import TextLanguage, of_service

LANGUAGE = TextLanguage.VIETNAMESE
"""An official paper is in Vietnamese, whatever the reader of the page reads."""
VOCABULARY = "paper"


@dataclass(frozen=True, repr=False)
class Signing:
    """What is typed where a paper is made: it goes onto the paper and nowhere else."""

    place: str
    title: str
    name: str
    reasons: str = ""


@dataclass(frozen=True, repr=False)
class Facts:
    """What a paper is made of, as two services told it."""

    kind: str
    verification: Mapping[str, Any]
    """As verification shows it."""
    person: Mapping[str, Any]
    """As intake disclosed it, for this purpose."""
    issuer: str
    authority: str
    number: str
    """Empty where it has not been recorded yet."""
    issued_on: date | None
    today: date
    evidence: Sequence[Mapping[str, Any]] = ()
    """The papers that the decision cites, each with the name of its issuer, where that is known."""
    law_of: Callable[[str], str] = field(default=str)
    """How a text of law is named in Vietnamese."""


def printed(facts: Facts, signing: Signing, assets: Assets) -> bytes:
    """The paper as a PDF; raises ``Unprintable``."""
    return draw(COMPOSED[facts.kind](facts, signing), _say, assets.typeface)


def _say(code: str, **told: object) -> str:
    return of_service("console").say(LANGUAGE, VOCABULARY, code, **told)


def _word(service: str, vocabulary: str, code: str) -> str:
    return of_service(service).say(LANGUAGE, vocabulary, code)


def _regime(facts: Facts) -> str:
    return _word("directory", "regime", facts.verification["regime"])


def _sheet(
    facts: Facts,
    signing: Signing,
    *,
    parts: Sequence[Part],
    recipients: Sequence[str],
    name: str = "",
    addressee: str = "",
) -> Sheet:
    case = facts.verification["case_code"] or ""
    return Sheet(
        issuer=facts.issuer,
        number=facts.number,
        place=signing.place,
        issued_on=facts.issued_on,
        year=facts.today.year,
        name=name,
        subject=_say(f"{facts.kind}-subject"),
        addressee=addressee,
        parts=parts,
        recipients=[_say(f"to-{it}", case=case) for it in recipients],
        signer_title=signing.title,
        signer_name=signing.name,
        title=f"{case} {_word('verification', 'paper_kind', facts.kind)}",
    )


def _person(facts: Facts) -> list[Part]:
    """Who it is: as much as tells one person from another, and no address."""
    person = facts.person
    told = [
        ("full_name", person["full_name"]),
        ("birth_date", _day(person["birth_date"]) if person.get("birth_date") else ""),
        ("birth_year", "" if person.get("birth_date") else str(person.get("birth_year") or "")),
        ("sex", _word("directory", "sex", person["sex"])),
        (
            "nationality",
            _word("console", "country", person["nationality"]) if person.get("nationality") else "",
        ),
        ("identity_documents", "; ".join(map(_document, person.get("identity_documents") or ()))),
    ]
    return [Item(_say(name), said) for name, said in told if said]


def _document(told: Mapping[str, Any]) -> str:
    return f"{_word('intake', 'identity_document_type', told['type'])} {told['number']}"


def _day(told: str) -> str:
    return f"{date.fromisoformat(told):%d/%m/%Y}"


def _request_letter(facts: Facts, signing: Signing) -> Sheet:
    it = facts.verification
    told = {"issuer": facts.issuer, "authority": facts.authority, "law": _regime(facts)}
    received = local_date(datetime.fromisoformat(it["received_at"]))
    parts: list[Part] = [
        _say("request-received", case=it["case_code"] or "", day=f"{received:%d/%m/%Y}", **told),
        _say("request-asks", **told),
        *_person(facts),
        _say("request-answer", **told),
        _say("secrecy"),
        _say("request-thanks", **told),
    ]
    return _sheet(
        facts,
        signing,
        parts=parts,
        recipients=["as-above", "archive"],
        addressee=facts.authority,
    )


def _certificate(facts: Facts, signing: Signing) -> Sheet:
    it = facts.verification
    parts: list[Part] = [
        _say("certificate-basis", law=_regime(facts)),
        _say("certificate-states", issuer=facts.issuer),
        *_person(facts),
        _say("certificate-is", law=_regime(facts), day=_day(it["identified_on"])),
        _say("secrecy"),
        _say("certificate-for"),
    ]
    return _sheet(
        facts,
        signing,
        parts=parts,
        recipients=["person", "owner", "archive"],
        name=_say("certificate-name"),
    )


def _notice(facts: Facts, signing: Signing) -> Sheet:
    it = facts.verification
    sources = [_source(facts, each) for each in it["grounds"]]
    parts: list[Part] = [
        _say("notice-basis", law=_regime(facts), issuer=facts.issuer),
        *_person(facts),
        _say("notice-is", law=_regime(facts)),
        Item(_say("notice-reason"), _word("verification", "move_reason", it["reason"])),
        Item(_say("notice-sources"), "; ".join(sources)),
        *[each for each in signing.reasons.splitlines() if each.strip()],
        _say("notice-not-false"),
        *_complaint(facts),
        _say("notice-support"),
    ]
    return _sheet(
        facts,
        signing,
        parts=parts,
        recipients=["person", "owner", "archive"],
        name=_say("notice-name"),
        addressee=facts.person["full_name"],
    )


def _source(facts: Facts, source: str) -> str:
    """A source of evidence, and the papers from it that the decision cites."""
    cited = [_cited(it) for it in facts.evidence if it["source"] == source]
    named = _word("verification", "evidence_source", source)
    return f"{named} ({', '.join(cited)})" if cited else named


def _cited(told: Mapping[str, Any]) -> str:
    number, day = told["number"], _day(told["issued_on"])
    if not told["issuer"]:
        return _say("notice-evidence", number=number, day=day)
    return _say("notice-evidence-of", number=number, day=day, issuer=told["issuer"])


def _complaint(facts: Facts) -> list[Part]:
    """How long, where a row says so; with what is to be checked where it is not certain."""
    rule = facts.verification["complaint"]["rule"]
    law = facts.law_of(rule["legal_ref"])
    if rule["amount"] is None:
        return [_say("complaint-open", law=law)]
    unit = _word("directory", "unit", rule["unit"])
    said: list[Part] = [_say("complaint", law=law, amount=rule["amount"], unit=unit)]
    if rule["status"] != "confirmed":
        said.append(Remark(_say("to-check", law=law, status=_certainty(rule["status"]))))
    return said


def _certainty(status: str) -> str:
    return _word("directory", "certainty", status)


COMPOSED: Mapping[str, Callable[[Facts, Signing], Sheet]] = {
    "request_letter": _request_letter,
    "certificate": _certificate,
    "notice_of_decision": _notice,
}
"""Each paper with what makes it: a row for every one that verification knows."""
