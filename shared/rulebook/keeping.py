"""What was published is kept, once: by whoever publishes it, and by all who are told."""

from collections.abc import Iterable

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.contracts import RuleChanged
from shared.rulebook.reading import forget_rules
from shared.rulebook.tables import LAW_ROWS


def keep_rows(session: Session, published: Iterable[RuleChanged]) -> None:
    """Keep these rows; one that is kept stays as it is, for none is ever changed."""
    rows = [_row(each) for each in published]
    session.execute(insert(LAW_ROWS).values(rows).on_conflict_do_nothing(index_elements=["id"]))
    forget_rules(session)


def _row(told: RuleChanged) -> dict[str, object]:
    return {
        "id": told.rule_id,
        "ordinal": told.ordinal,
        "key": told.key,
        "regime": told.regime,
        "amount": told.amount,
        "unit": told.unit,
        "law_number": told.law.number if told.law else None,
        "law_article": told.law.article if told.law else None,
        "law_clause": told.law.clause if told.law else None,
        "status": told.status,
        "valid_from": told.valid_from,
        "applies_to_running": told.applies_to_running,
        "published_at": told.occurred_at,
    }
