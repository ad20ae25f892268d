"""The wrongs of protection and of refuges, as a fault of ours could leave them."""

from collections.abc import Mapping

from shared.contracts import Queue
from tests.faults.answered import Wrong, answered


def protection_step(move: str) -> Wrong:
    """A step of protection that nobody was told of, and that no audit names."""
    return (
        Queue.VERIFICATION,
        f"""
        INSERT INTO protection_moves (id, protection_id, actor, move, to_status, measures, at,
                                      version)
        VALUES (gen_random_uuid(), gen_random_uuid(), 'nobody', '{move}', 'requested', '{{}}',
                now() - interval '1 hour', 1)
        """,  # noqa: S608 - our own words only
    )


# What waits for nobody, and its sweep has an accident: were it told, it would be no wrong.
UNTOLD_REQUEST = """
    INSERT INTO protections (id, verification_id, case_id, for_whom, requester_id, requested_at,
                             asked, status, measures, look_again_at, version)
    VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'person', gen_random_uuid(),
            now() - interval '1 hour', '{secrecy}', 'requested', '{}', now() + interval '1 day', 1);
    CREATE RULE untold AS ON INSERT TO operator_alerts
        WHERE NEW.kind = 'no_protector' DO INSTEAD NOTHING
"""
PROTECTING: Mapping[str, Wrong] = {
    "every move of protection has its audit entry": protection_step("request"),
    "every step of protection but a review is in the story of its case": protection_step("assign"),
    "protection that nobody may decide about, or nobody has in time, is told to the case owner": (
        Queue.VERIFICATION,
        UNTOLD_REQUEST,
    ),
    "the time of every decision about protection runs until it is taken, and no longer": (
        Queue.VERIFICATION,
        "UPDATE protections SET version = version + 1",
    ),
    "every request for protection answered with 201 is there, for one answer only": answered(
        Queue.VERIFICATION, "POST /verification/v1/cases/x/protections"
    ),
    "every move of protection answered with 201 is there, for one answer only": answered(
        Queue.VERIFICATION, "POST /verification/v1/protections/x/moves"
    ),
    "every refuge that was recorded has its audit entry": (
        Queue.INTAKE,
        """
        INSERT INTO refuges (id, case_id, organisation_id, details, recorded_at)
        SELECT gen_random_uuid(), id, id, 'sealed', now() FROM cases LIMIT 1
        """,
    ),
    "every refuge that ended has its audit entry": (
        Queue.INTAKE,
        "UPDATE refuges SET ended_at = now(), details = NULL",
    ),
    "every refuge answered with 201 is there, for one answer only": answered(
        Queue.INTAKE, "POST /intake/v1/cases/x/refuges"
    ),
}
