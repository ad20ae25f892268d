"""The tiniest service there can be, put into a copy of the code: it notes what it is told."""

from pathlib import Path
from textwrap import dedent

NAME = "newcomer"

FILES = {
    "__init__.py": '"""Notes what it is told."""\n',
    "settings.py": """
        from shared.kit.configuration import settings_config
        from shared.kit.settings import ServiceSettings


        class NewcomerSettings(ServiceSettings):
            model_config = settings_config("NEWCOMER_")
    """,
    "models.py": """
        from uuid import UUID

        from sqlalchemy import JSON
        from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

        from shared.kit import audit, idempotency
        from shared.kit.columns import TYPES, short
        from shared.kit.database import adopt, new_metadata
        from shared.messaging.tables import TABLES

        METADATA = new_metadata()
        adopt(METADATA, *TABLES, audit.AUDIT, idempotency.KEYS)


        class Base(DeclarativeBase):
            metadata = METADATA
            type_annotation_map = TYPES


        class Heard(Base):
            __tablename__ = "heard"

            about: Mapped[UUID] = mapped_column(primary_key=True)
            type: Mapped[str] = short(100)
            body: Mapped[dict[str, object]] = mapped_column(JSON)
    """,
    "domain.py": """
        from shared.kit.retention import Kept

        RETENTION = (Kept("heard", "what was told stays true", "chosen here"),)
    """,
    "tasks.py": """
        from services.newcomer.models import Heard
        from shared.contracts import CaseReceived, OrganisationChanged, Queue
        from shared.messaging.consumer import Consumer

        consumer = Consumer(Queue.NEWCOMER)


        def _note(session, told, _now):
            body = told.model_dump(mode="json")
            session.merge(Heard(about=told.aggregate_id, type=told.type, body=body))


        for told in (OrganisationChanged, CaseReceived):
            consumer.on(told)(_note)
    """,
    "app.py": """
        from services.newcomer.settings import NewcomerSettings
        from shared.contracts import Queue
        from shared.messaging.processes.api import create_service


        def create():
            return create_service(
                NewcomerSettings(), service=Queue.NEWCOMER, title="Newcomer", routers=[]
            )
    """,
    "back.py": """
        from services.newcomer.settings import NewcomerSettings
        from services.newcomer.tasks import consumer
        from services.newcomer.domain import RETENTION
        from shared.contracts import Queue
        from shared.messaging.processes.back import run_back
        from shared.messaging.processes.relay import Duties

        DUTIES = Duties(service=Queue.NEWCOMER, retention=RETENTION)

        if __name__ == "__main__":
            run_back(NewcomerSettings(), consumer, DUTIES)
    """,
    "migrations/env.py": """
        from services.newcomer.models import METADATA
        from shared.kit.migrations import run

        run(METADATA)
    """,
    "migrations/versions/0001_first_tables.py": """
        import sqlalchemy as sa
        from alembic import op

        from shared.kit.steps.audit import audit
        from shared.kit.steps.idempotency import idempotency
        from shared.messaging.steps import messaging

        revision = "0001"
        down_revision = None
        branch_labels = None
        depends_on = None


        def upgrade():
            for owner in (audit, idempotency, messaging):
                for step in owner.all:
                    step.upgrade()
            op.create_table(
                "heard",
                sa.Column("about", sa.Uuid(), primary_key=True),
                sa.Column("type", sa.String(100), nullable=False),
                sa.Column("body", sa.JSON(), nullable=False),
            )
    """,
}
TEXTS = r"""msgid ""
msgstr ""
"Language: {language}\n"
"Content-Type: text/plain; charset=UTF-8\n"
"""
QUEUE = '    NOTIFICATION = "notification"\n'
ADDRESSED = """

for _told in (OrganisationChanged, CaseReceived):
    _told.to = (*_told.to, Queue.NEWCOMER)
"""


def put_into(code: Path) -> None:
    """One service more, and two messages more that are addressed to it."""
    for name, content in FILES.items():
        path = code / "services" / NAME / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(content), encoding="utf-8")
    texts = code / "services" / NAME / "texts"
    texts.mkdir()
    for language in ("vi", "en"):
        written = TEXTS.format(language=language)
        (texts / f"{language}.po").write_text(written, encoding="utf-8")
    vocabulary = code / "shared/contracts/vocabulary.py"
    text = vocabulary.read_text(encoding="utf-8")
    assert text.count(QUEUE) == 1
    with_it = text.replace(QUEUE, f'{QUEUE}    NEWCOMER = "{NAME}"\n')
    vocabulary.write_text(with_it, encoding="utf-8")
    with (code / "shared/contracts/__init__.py").open("a", encoding="utf-8") as contracts:
        contracts.write(ADDRESSED)
