"""What an operator is told of, the runbook says what to do about."""

import re

from shared.messaging.alerts import AlertKind
from tests.architecture.source import ROOT

RUNBOOK = ROOT / "docs" / "runbook.md"


def test_every_kind_of_alert_has_a_row_in_the_runbook() -> None:
    section = RUNBOOK.read_text(encoding="utf-8").partition("## An alert is open")[2]
    rows = re.findall(r"^\| `([a-z_]+)` \|", section.partition("\n## ")[0], re.MULTILINE)
    assert sorted(rows) == sorted(AlertKind)
