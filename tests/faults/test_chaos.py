"""A minute of random faults under load; the seed is printed and can be given again."""

import os
import secrets

from tests.faults import chaos

SECONDS = 60


def test_a_minute_of_random_faults_loses_and_repeats_nothing() -> None:
    seed = int(os.environ.get("SEED", secrets.randbelow(10**9)))
    lab = chaos.run(SECONDS, seed)
    assert len(lab.told) > 100
