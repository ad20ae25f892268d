"""Run by the code of whichever release is first on the path: start an installation and submit.

``agency.py FOLDER PORT FIRST LAST [SERVICE...]``: have these services tell the newcomer what was
before, then submit the cases of these numbers, each under its own key. Prints what became of it.
"""

import json
import subprocess
import sys
from pathlib import Path

import psycopg

from deploy.local.patience import wait_until
from deploy.stack.client import Credentials
from deploy.stack.environment import CODE
from deploy.stack.installation import Installation, running
from deploy.stack.programs import SMALL
from deploy.stack.standing import write_sandbox
from shared.contracts import Queue

ACTING = "SELECT DISTINCT staff_id FROM staff_grants WHERE role = 'case_owner'"
"""Whoever acts in cases, as the directory knows."""
OFFICERS = "SELECT DISTINCT officer_id FROM officers"
"""The same as intake has heard."""


def main(folder: Path, port: int, first: int, last: int, *tellers: str) -> None:
    # Of people a sandbox asks no second factor; a release without people does not know that.
    open_to_people = {"DIRECTORY_SECOND_FACTOR_REQUIRED": "false"}
    with running(folder, port=port, size=SMALL, extra=open_to_people) as site:
        clients = json.loads(write_sandbox(folder, site).read_text())["clients"]
        said = [retell(folder, each) for each in tellers]
        cases = submit(site, clients["agency"], range(first, last))
        assert wait_until(lambda: site.balance().is_sound, within=120), site.balance()
        found = {"cases": cases, "balance": vars(site.balance()), "said": said}
        found["breaches"] = [str(each) for each in site.breaches()]
        found["heard"] = heard(site) if tellers else []
        found["acting"] = ids(site, Queue.DIRECTORY, "staff_grants", ACTING)
        found["officers"] = ids(site, Queue.INTAKE, "officers", OFFICERS)
        print(json.dumps(found))


def submit(site: Installation, stored: dict[str, str], numbers: range) -> dict[str, str]:
    client = site.client(Credentials.read(stored))
    body = json.loads((CODE / "docs/examples/case.json").read_text())
    cases = {}
    for number in numbers:
        answer = client.post("/intake/v1/cases", body, key=f"case-{number}")
        assert answer.status_code == 201, answer.text
        cases[answer.json()["id"]] = answer.json()["code"]
    client.close()
    return cases


def ids(site: Installation, service: Queue, table: str, query: str) -> list[str]:
    """What a query finds; nothing in a release that has no such table."""
    with psycopg.connect(site.database(service)) as connection:
        known = connection.execute("SELECT to_regclass(%s)", [table]).fetchone()
        rows = connection.execute(query).fetchall() if known != (None,) else []
    return sorted(str(row[0]) for row in rows)


def heard(site: Installation) -> list[tuple[str, str]]:
    """What the newcomer knows, and of how many messages."""
    with psycopg.connect(site.database("newcomer")) as connection:
        taken = connection.execute("SELECT count(*) FROM inbox").fetchone()
        known = connection.execute("SELECT type, about::text FROM heard").fetchall()
    assert taken == (len(known),)
    return known


def retell(folder: Path, teller: str) -> list[str]:
    """Counted, told, and told a second time."""
    asked = ["retell", teller, "--to", "newcomer", "--data", str(folder)]
    return [
        subprocess.run(
            [sys.executable, "-m", "deploy.cli", *asked, *more],
            cwd=CODE,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for more in (["--dry-run"], ["--as", "test"], ["--as", "test"])
    ]


if __name__ == "__main__":
    place, listening, begin, end, *telling = sys.argv[1:]
    main(Path(place), int(listening), int(begin), int(end), *telling)
