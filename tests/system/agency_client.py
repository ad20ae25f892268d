"""An agency's own program, with the generated client alone: no line of the product is imported.

``agency_client.py SANDBOX CASE``: be let in as the agency of the sandbox, submit the case of the
file, and read what became of it. Prints what it learned as JSON.
"""

import json
import sys
import time
import uuid
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import OKPKey
from nhipcau_client import directory, intake
from nhipcau_client.directory.api.tokens import issue_token
from nhipcau_client.directory.models import IssueTokenBody, IssueTokenBodyGrantType
from nhipcau_client.intake.api.cases import list_cases, read_case, read_journey, submit_case
from nhipcau_client.intake.models import CaseCreate

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def main(sandbox: Path, case: Path) -> None:
    site = json.loads(sandbox.read_text())
    known = intake.AuthenticatedClient(
        site["base_url"], token(site), raise_on_unexpected_status=True
    )
    with known as client:
        body = CaseCreate.from_dict(json.loads(case.read_text()))
        key = f'"{uuid.uuid4()}"'
        first, again = (
            submit_case.sync_detailed(client=client, body=body, idempotency_key=key)
            for _ in range(2)
        )
        assert first.parsed == again.parsed
        read = read_case.sync(first.parsed.id, client=client)
        journey = steps_of(client, first.parsed.id)
        listed = list_cases.sync(client=client)
    told = {
        "status": first.status_code,
        "location": first.headers["location"],
        "id": str(first.parsed.id),
        "code": read.code,
        "papers": [str(paper) for paper in read.papers],
        "steps": journey,
        "listed": [it.code for it in listed.items],
    }
    print(json.dumps(told))


def token(site: dict[str, Any]) -> str:
    """Sign who one is (RFC 7523), and take an access token for it."""
    agency = site["clients"]["agency"]
    now = int(time.time())
    claims = {
        "iss": agency["client_id"],
        "sub": agency["client_id"],
        "aud": site["token_url"],
        "iat": now,
        "exp": now + 60,
        "jti": str(uuid.uuid4()),
    }
    key = OKPKey.import_key(agency["private_jwk"])
    header = {"alg": "Ed25519", "kid": agency["private_jwk"]["kid"]}
    asked = IssueTokenBody(
        grant_type=IssueTokenBodyGrantType.CLIENT_CREDENTIALS,
        client_assertion_type=ASSERTION,
        client_assertion=jwt.encode(header, claims, key, algorithms=["Ed25519"]),
    )
    with directory.Client(site["base_url"]) as client:
        answer = issue_token.sync(client=client, body=asked)
    return str(answer.access_token)


def steps_of(client: Any, case_id: uuid.UUID) -> list[str]:
    """What happened to the case, once its verification has begun."""
    for _ in range(300):
        steps = [str(step.kind) for step in read_journey.sync(case_id, client=client).steps]
        if len(steps) > 1:
            return steps
        time.sleep(0.1)
    return steps


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
