"""One inconsistent verification stops nothing but itself, and an operator is told of it."""

from sqlalchemy import select, text

from services.verification import domain
from services.verification.domain.opening import LOOK_AGAIN
from services.verification.models import Verification
from shared.kit.identifiers import new_id
from shared.messaging.tables import OPERATOR_ALERTS
from tests.verification.builders import Bench


def test_one_inconsistent_verification_stops_no_other_from_being_assigned(bench: Bench) -> None:
    first, *others = [bench.opened() for _ in range(5)]
    # A step under the number the next one will have.
    copied = text(
        "INSERT INTO verification_moves SELECT :id, verification_id, actor, move, from_status,"
        " to_status, verifier_id, outcome, reason, grounds, evidence_ref, at, version + 1"
        " FROM verification_moves WHERE verification_id = :v"
    )
    bench.session.execute(copied, {"id": new_id(), "v": first.id})
    police = bench.police()
    later = bench.now + LOOK_AGAIN

    assert domain.assign_waiting(bench.session, later) == len(others)
    assert {bench.of(each.case_id).verifier_id for each in others} == {police}
    open_alerts = select(OPERATOR_ALERTS.c.subject, OPERATOR_ALERTS.c.object_id)
    assert bench.session.execute(open_alerts).all() == [("assign_waiting", first.id)]
    assert domain.assign_waiting(bench.session, later) == 0
    waiting = select(Verification.id).where(Verification.status == "opened")
    assert bench.session.scalars(waiting).all() == [first.id]
