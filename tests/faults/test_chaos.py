"""A minute of random faults under load; the seed is shown and can be given again."""

import os
import secrets
import sys

import pytest

from tests.faults import chaos

SECONDS = 60


@pytest.mark.long
def test_a_minute_of_random_faults_loses_and_repeats_nothing(
    capfd: pytest.CaptureFixture[str],
) -> None:
    seed = int(os.environ.get("SEED") or secrets.randbelow(chaos.FOREVER))
    # Past the capture, so that it is seen when the test passes too: xdist leaves us this stream.
    with capfd.disabled():
        print(f"\nchaos: SEED={seed} SECONDS={SECONDS}", file=sys.stderr, flush=True)
        outcome = chaos.run(SECONDS, seed)
        print(f"\n{outcome.line()}", file=sys.stderr, flush=True)
    assert sum(outcome.faults.values()) > 5
    assert outcome.effects > 100
