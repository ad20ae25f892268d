"""Who reaches which case by which route: the table that ``test_who_reaches.py`` tries."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

from shared.access import Permission
from shared.contracts.vocabulary import Role

HERE, SHARED, THERE = "11560", "11680", "11749"
"""Our commune, one that we and others hold and that is theirs to own, and one of others."""
US, THEM = uuid4(), uuid4()
PLACES = {"ours": THERE, "here": HERE, "both": SHARED, "away": THERE, "given": THERE}
"""The cases, and where they are. "ours" was submitted by us, and we verify, shelter, protect and
serve in it; the others are those of others. "given" is away, too, and was handed to us. Beside each
case is a draft, begun by whoever submitted it, and a notice of a handover there that they gave,
in which two people are kept apart: of several owners one reads that."""

TABLE = """
permission          role       route                                      ours here both away given
case.submit         receiver   POST /cases                                201  201  201  201  201
case.submit         case_owner POST /cases                                201  201  201  201  201
case.submit         receiver   POST /drafts/{draft_id}/submission         201  404  404  404  404
case.submit         case_owner POST /drafts/{draft_id}/submission         201  404  404  404  404
draft.keep          receiver   POST /drafts                               201  201  201  201  201
draft.keep          receiver   PUT /drafts/{draft_id}/sections/{section}  200  404  404  404  404
draft.keep          receiver   DELETE /drafts/{draft_id}                  200  404  404  404  404
draft.keep          case_owner POST /drafts                               201  201  201  201  201
draft.keep          case_owner PUT /drafts/{draft_id}/sections/{section}  200  404  404  404  404
draft.keep          case_owner DELETE /drafts/{draft_id}                  200  404  404  404  404
draft.read          receiver   GET /drafts                                yes  -    -    -    -
draft.read          receiver   GET /drafts/{draft_id}                     200  404  404  404  404
draft.read          case_owner GET /drafts                                yes  -    -    -    -
draft.read          case_owner GET /drafts/{draft_id}                     200  404  404  404  404
advance_notice.change receiver POST /advance-notices                      201  201  201  201  201
advance_notice.change case_owner POST /advance-notices                    201  201  201  201  201
advance_notice.change receiver POST /advance-notices/{notice_id}/day      201  404  404  404  404
advance_notice.change case_owner POST /advance-notices/{notice_id}/day    201  201  404  404  404
advance_notice.change receiver POST /advance-notices/{notice_id}/cancellation
                                                                          201  404  404  404  404
advance_notice.change case_owner POST /advance-notices/{notice_id}/cancellation
                                                                          201  201  404  404  404
advance_notice.change receiver POST /advance-notices/{notice_id}/people/{number}/reception
                                                                          409  404  404  404  404
advance_notice.change case_owner POST /advance-notices/{notice_id}/people/{number}/reception
                                                                          409  409  404  404  404
advance_notice.change receiver POST /advance-notices/{notice_id}/people/{number}/absence
                                                                          201  404  404  404  404
advance_notice.change case_owner POST /advance-notices/{notice_id}/people/{number}/absence
                                                                          201  201  404  404  404
advance_notice.read receiver   GET /advance-notices                       yes  -    -    -    -
advance_notice.read case_owner GET /advance-notices                       yes  yes  -    -    -
advance_notice.read receiver   GET /advance-notices/{notice_id}           200  404  404  404  404
advance_notice.read case_owner GET /advance-notices/{notice_id}           200  200  404  404  404
kept_apart.tell     receiver   POST /kept-apart                           201  404  404  404  404
kept_apart.tell     case_owner POST /kept-apart                           201  201  404  404  404
kept_apart.tell     receiver   POST /kept-apart/{apart_id}/endings        201  404  404  404  404
kept_apart.tell     case_owner POST /kept-apart/{apart_id}/endings        201  201  404  404  404
kept_apart.read     receiver   POST /kept-apart/{apart_id}/openings       201  404  404  404  404
kept_apart.read     case_owner POST /kept-apart/{apart_id}/openings       201  201  404  404  404
kept_apart.read     facility   POST /kept-apart/{apart_id}/openings       404  404  404  404  404
kept_apart.read     receiver   GET /advance-notices/{notice_id}/kept-apart
                                                                          200  404  404  404  404
kept_apart.read     case_owner GET /advance-notices/{notice_id}/kept-apart
                                                                          200  200  404  404  404
kept_apart.read     facility   GET /advance-notices/{notice_id}/kept-apart
                                                                          404  404  404  404  404
kept_apart.read     receiver   GET /cases/{case_id}/kept-apart            200  404  404  404  404
kept_apart.read     case_owner GET /cases/{case_id}/kept-apart            200  200  200  404  200
kept_apart.read     facility   GET /cases/{case_id}/kept-apart            200  404  404  404  404
case.read           receiver   GET /cases                                 yes  -    -    -    -
case.read           receiver   GET /cases/{case_id}                       200  404  404  404  404
case.read           receiver   GET /cases/{case_id}/journey               part 404  404  404  404
case.read           case_owner GET /cases                                 yes  yes  yes  -    yes
case.read           case_owner GET /cases/{case_id}                       200  200  200  404  200
case.read           case_owner GET /cases/{case_id}/journey               part all  all  404  all
case.read           receiver   GET /cases/{case_id}/timeline              part 404  404  404  404
case.read           case_owner GET /cases/{case_id}/timeline              part all  all  404  all
case.search         receiver   POST /cases/searches                       yes  -    -    -    -
case.search         case_owner POST /cases/searches                       yes  yes  yes  -    yes
case.correct        receiver   POST /cases/{case_id}/corrections          201  404  404  404  404
case.correct        case_owner POST /cases/{case_id}/corrections          201  201  201  404  201
case.read_file      verifier   POST /cases/{case_id}/disclosures          201  404  404  404  404
case.read_file      case_owner POST /cases/{case_id}/disclosures          404  201  403  404  201
case.read_file      facility   POST /cases/{case_id}/disclosures          201  404  404  404  404
case.read_file      protector  POST /cases/{case_id}/disclosures          201  404  404  404  404
case.assign         case_owner POST /cases/{case_id}/assignments          404  201  403  404  201
case.assign         case_owner POST /cases/{case_id}/assignments/{assignment_id}/end
                                                                          404  201  403  404  201
case.hand_over      case_owner POST /cases/{case_id}/hand-overs           404  201  403  404  201
case.hand_over      case_owner POST /cases/{case_id}/hand-overs/releases  404  409  403  404  201
case.hand_over      case_owner POST /hand-overs                           404  201  403  404  201
responsibility.read case_owner GET /cases/{case_id}/responsibility        404  200  200  404  200
assignment.read     case_owner GET /assignments                           404  yes  403  404  yes
assignment.read     facility   GET /assignments                           yes  -    -    -    -
assignment.read     protector  GET /assignments                           yes  -    -    -    -
disclosure.read     case_owner GET /cases/{case_id}/disclosures           404  200  200  404  200
reveal.read         verifier   GET /reveals                               -    -    -    -    -
reveal.read         case_owner GET /reveals                               -    -    -    -    -
reveal.read         facility   GET /reveals                               -    -    -    -    -
reveal.read         protector  GET /reveals                               -    -    -    -    -
reveal.read         provider   GET /reveals                               -    -    -    -    -
target.read         case_owner GET /targets/entering-verification         -    yes  yes  -    yes
target.read         auditor    GET /targets/entering-verification         -    yes  yes  -    -
urgency.read        case_owner GET /urgent-needs                          -    yes  yes  -    yes
urgency.settle      receiver   POST /cases/{case_id}/immediate-needs/{need}/ends
                                                                          201  404  404  404  404
urgency.settle      case_owner POST /cases/{case_id}/immediate-needs/{need}/ends
                                                                          201  201  403  404  201
urgency.settle      facility   POST /cases/{case_id}/immediate-needs/{need}/ends
                                                                          201  404  404  404  404
immediate_need.read receiver   GET /cases/{case_id}/immediate-needs       200  404  404  404  404
immediate_need.read case_owner GET /cases/{case_id}/immediate-needs       200  200  200  404  200
immediate_need.read facility   GET /cases/{case_id}/immediate-needs       200  404  404  404  404
initial_check.read  case_owner GET /cases/{case_id}/initial-check         404  200  200  404  200
initial_check.record case_owner POST /cases/{case_id}/initial-check       404  201  403  404  201
consent.record      receiver   POST /cases/{case_id}/consents             201  404  404  404  404
consent.record      case_owner POST /cases/{case_id}/consents             201  201  201  404  201
consent.withdraw    receiver   POST /cases/{case_id}/consents/withdrawals 201  404  404  404  404
consent.withdraw    case_owner POST /cases/{case_id}/consents/withdrawals 201  201  201  404  201
contact.read        receiver   GET /cases/{case_id}/contact               200  404  404  404  404
contact.read        case_owner GET /cases/{case_id}/contact               200  200  200  404  200
contact.change      receiver   POST /cases/{case_id}/contact-points       201  404  404  404  404
contact.change      case_owner POST /cases/{case_id}/contact-points       201  201  201  404  201
contact.change      receiver   POST /cases/{case_id}/contact-points/{point_id}/confirmations
                                                                          201  404  404  404  404
contact.change      case_owner POST /cases/{case_id}/contact-points/{point_id}/confirmations
                                                                          201  201  201  404  201
contact.change      receiver   POST /cases/{case_id}/contact-points/{point_id}/withdrawals
                                                                          201  404  404  404  404
contact.change      case_owner POST /cases/{case_id}/contact-points/{point_id}/withdrawals
                                                                          201  201  201  404  201
contact.change      receiver   POST /cases/{case_id}/risk-flags           201  404  404  404  404
contact.change      case_owner POST /cases/{case_id}/risk-flags           201  201  201  404  201
risk.lower          case_owner POST /cases/{case_id}/risk-flags/endings   404  409  403  404  409
refuge.record       protector  POST /cases/{case_id}/refuges              201  404  404  404  404
refuge.record       protector  POST /cases/{case_id}/refuges/endings      404  404  404  404  404
person_message.ask  case_owner POST /cases/{case_id}/person-messages      404  201  403  404  201
person_message.ask  case_owner POST /cases/{case_id}/person-messages/{message_id}/endings
                                                                          404  201  403  404  201
identity.read       provider   POST /disclosures                          201  404  404  404  404
alert.read          case_owner GET /alerts                                -    yes  yes  -    yes
alert.read          operator   GET /alerts                                yes  yes  yes  yes  yes
audit.read          auditor    GET /audited-cases                         -    yes  yes  -    -
"""
"""Of a list: whether the case is in it. Whoever was to decide it may not, so that each is an
exception to the first target. Of a journey: whether whom a person was referred to is told
in it. 403 is `not-responsible-now`: the case is known to us, and owned by others."""


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    permission: Permission
    role: Role
    route: str
    expected: tuple[str, ...]


def rows() -> Iterator[Row]:
    words = iter(TABLE.split()[3 + len(PLACES) :])
    for permission in words:
        role, method, path = (next(words) for _ in range(3))
        expected = tuple(next(words) for _ in PLACES)
        yield Row(Permission(permission), Role(role), f"{method} {path}", expected)


ROWS = list(rows())
