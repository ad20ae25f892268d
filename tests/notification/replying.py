"""A reply to what an organisation asked, as livelihood support tells of it."""

from datetime import datetime

from shared.contracts import QuestionAnswered
from shared.contracts.vocabulary import EntitlementCode
from shared.kit.identifiers import new_id


def replied(at: datetime) -> QuestionAnswered:
    return QuestionAnswered(
        occurred_at=at,
        case_id=new_id(),
        referral_id=new_id(),
        offer_id=new_id(),
        organisation_id=new_id(),
        question_id=new_id(),
        code=EntitlementCode.VOCATIONAL,
    )
