"""I1 for protection, the second target of the plan (T2): no request waits unseen.

That somebody is not protected is for people to end, and the exceptions to the target say who. What
the exchange owes to each of them is here: its time runs, and whoever must act is told.
"""

from deploy.stack.invariants.rule import Rule
from shared.contracts import Queue

RULES = (
    Rule(
        "I1",
        "protection that nobody may decide about, or nobody has in time, is told to the case owner",
        (
            Queue.VERIFICATION,
            # Looked at once a minute, from a minute after the request on.
            """
            SELECT protections.id
              FROM protections
              LEFT JOIN clocks ON clocks.object_id = protections.id AND clocks.ended_at IS NULL
             WHERE status = 'requested'
               AND CASE WHEN protector_id IS NULL THEN requested_at ELSE due_at END
                   <= now() - make_interval(secs => %(soon)s + 120)
               AND NOT EXISTS (SELECT FROM operator_alerts
                                WHERE object_id = protections.id AND settled_at IS NULL
                                  AND kind IN ('no_protector', 'protector_ended',
                                               'protection_overdue'))
            """,
        ),
    ),
    Rule(
        "I1",
        "the time of every decision about protection runs until it is taken, and no longer",
        (
            Queue.VERIFICATION,
            """
            SELECT id FROM protections
             WHERE (status = 'requested')
                   <> EXISTS (SELECT FROM clocks
                               WHERE clocks.object_id = protections.id AND clocks.ended_at IS NULL)
            """,
        ),
    ),
    Rule(
        "I1",
        "every step of protection but a review is in the story of its case",
        (
            Queue.VERIFICATION,
            """
            SELECT id FROM protection_moves
             WHERE move <> 'review' AND at <= now() - make_interval(secs => %(soon)s)
            """,
        ),
        except_for=(
            Queue.INTAKE,
            "SELECT source_id FROM journey_steps WHERE kind = 'protection_moved'",
        ),
    ),
)
