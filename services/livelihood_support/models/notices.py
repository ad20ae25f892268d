"""What notification told of notices that were read."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from services.livelihood_support.models.base import Base
from shared.kit.columns import append_only


class ReadNotice(Base):
    """Somebody of the organisation that was asked has read that it is: the first of them, once."""

    __tablename__ = "read_notices"
    __table_args__ = ({"info": append_only()},)

    cause_id: Mapped[UUID] = mapped_column(primary_key=True)
    """The offer, or the request to delete: asked again, there is another one to read."""
    offer_id: Mapped[UUID]
    read_at: Mapped[datetime]
