"""The console is a client of the APIs: it holds neither a database's driver nor a broker's."""

import subprocess
import sys

from deploy.stack.programs import SERVING
from tests.architecture.source import ROOT

STORING = {"sqlalchemy", "psycopg", "alembic", "celery", "kombu", "redis"}
PROGRAM = """
import sys
import services.console.app
from uvicorn.importer import import_from_string
import_from_string(sys.argv[1])
print(*sys.modules)
"""
"""What uvicorn imports before it serves."""
WIRE = SERVING[SERVING.index("--http") + 1]


def test_the_console_loads_nothing_that_stores() -> None:
    """A third of its memory was SQLAlchemy, which it has no use for."""
    said = subprocess.run(
        [sys.executable, "-c", PROGRAM, WIRE],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    loaded = {name.partition(".")[0] for name in said.stdout.split()}
    assert "fastapi" in loaded
    assert not loaded & STORING
