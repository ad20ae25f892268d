"""Whether a transaction has made something due: once it is committed, the sender looks for it."""

from sqlalchemy.orm import Session

_HAS_DUE = "has_due"


def note_due(session: Session) -> None:
    """Something can be sent when this transaction has committed."""
    session.info[_HAS_DUE] = True


def has_made_due(session: Session) -> bool:
    """Whether that was noted."""
    return _HAS_DUE in session.info
