"""Settings are refused before a process begins, and a refusal shows no secret."""

from typing import Any

import pytest
from pydantic import ValidationError

from shared.kit.database import IDLE_SECONDS
from shared.kit.settings import ServiceSettings

GIVEN: dict[str, Any] = {
    "database_url": "postgresql+psycopg://role:planted-secret@/database",
    "broker_url": "redis://nowhere/0",
    "link_keys_file": "links.json",
    "jwks_file": "jwks.json",
}


def test_a_handler_ends_before_its_idle_transaction_is_ended() -> None:
    assert ServiceSettings(**GIVEN).handler_seconds < IDLE_SECONDS


@pytest.mark.parametrize("seconds", [0, IDLE_SECONDS, 45])
def test_a_process_does_not_begin_with_a_handler_limit_its_database_undercuts(
    seconds: int,
) -> None:
    with pytest.raises(ValidationError, match="handler_seconds"):
        ServiceSettings(**GIVEN, handler_seconds=seconds)


def test_a_setting_that_is_refused_is_not_shown() -> None:
    with pytest.raises(ValidationError) as refused:
        ServiceSettings(**{**GIVEN, "database_url": ["planted-secret"]})
    assert "planted-secret" not in str(refused.value)
