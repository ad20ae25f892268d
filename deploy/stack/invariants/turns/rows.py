"""Whose turn it is, as the rows of the services say it: statements that make sentences of them."""

CASES = """
    SELECT id::text, registered_at, registered_at > now() - make_interval(secs => %(soon)s)
      FROM cases
"""

URGENT = """
    SELECT id::text, urgent_since, coalesce(present_unit_code, origin_unit_code),
           coalesce(present_unit_on, origin_unit_on), responsible_id
      FROM cases
     WHERE urgent_since IS NOT NULL AND urgency_settled_at IS NULL
       AND registered_at <= now() - make_interval(secs => %(soon)s)
"""
"""What cannot wait, but for what was told a moment ago."""

OWNERS = """
    SELECT organisation_id, organisation_code, area_code, valid_from, valid_to
      FROM held_roles WHERE role = 'case_owner'
"""
"""Who owns cases where and when, as intake was told."""

VERIFYING = """
    WITH ended AS (
        SELECT object_id, raised_at FROM operator_alerts
         WHERE kind = 'authority_ended' AND settled_at IS NULL
    )
    SELECT case_id::text, id::text,
           CASE WHEN status = 'opened' OR ended.object_id IS NOT NULL THEN 'case_owner'
                WHEN verifier_id IS NOT NULL THEN 'verifier' END,
           CASE WHEN ended.object_id IS NULL THEN verifier_id::text END,
           coalesce(ended.raised_at,
                    (SELECT max(at) FROM verification_moves AS moves
                      WHERE moves.verification_id = verifications.id), opened_at),
           CASE WHEN ended.object_id IS NOT NULL THEN 'authority_ended'
                WHEN complaint_status = 'received' THEN 'complaint_received'
                ELSE 'verification_' || status END
      FROM verifications LEFT JOIN ended ON ended.object_id = verifications.id
     WHERE status <> 'concluded' OR complaint_status = 'received'
"""
"""Verifications that are open, or complained of."""

CONCLUDED = """
    SELECT case_id::text, concluded_at,
           concluded_at > now() - make_interval(secs => %(soon)s), outcome,
           verifier_id IS NOT NULL
      FROM verifications WHERE status = 'concluded'
"""

# An alert says that the case owner must act, in the place of whoever would act without it.
SUPPORTING = """
    WITH alerted AS (
        SELECT case_id, referral_id, id, raised_at, facts ->> 'offer_id' AS offer_id,
               CASE WHEN kind IN ('delivery_parked', 'no_endpoint', 'offer_unread')
                         THEN 'offer_unreached'
                    WHEN kind IN ('purge_undelivered', 'purge_unconfirmed') THEN 'purge_overdue'
                    ELSE kind END AS why
          FROM alerts WHERE settled_at IS NULL
    ), deciding AS (
        SELECT DISTINCT ON (referral_id) case_id, referral_id, raised_at, why
          FROM alerted JOIN (VALUES (1, 'consent_withdrawn'), (2, 'no_longer_identified'),
                                    (3, 'presumption_ended'),
                                    (4, 'no_longer_granted'), (5, 'age_outside'),
                                    (6, 'no_programme'),
                                    (7, 'offer_unreached'),
                                    (8, 'offer_question')) AS first (place, why) USING (why)
         ORDER BY referral_id, place, raised_at
    ), owing AS (
        SELECT case_id, referral_id, offers.id, organisation_id, purge_asked_at
          FROM offers JOIN referrals ON referrals.id = referral_id
         WHERE purge_asked_at IS NOT NULL AND purge_confirmed_at IS NULL
    )
    SELECT case_id::text, id::text, 'case_owner', NULL, raised_at, why
      FROM alerted WHERE why IN ('needs_information', 'window_closing',
                                       'offer_undelivered', 'offer_unanswered',
                                       'service_failed', 'service_unstarted')
    UNION ALL
    SELECT case_id::text, referral_id::text, 'case_owner', NULL, raised_at, why FROM deciding
    UNION ALL
    SELECT case_id::text, referral_id::text, 'system', NULL, offered_at, 'offer_on_its_way'
      FROM offers JOIN referrals ON referrals.id = referral_id
     WHERE is_current AND offers.status = 'offered'
       AND delivered_at IS NULL AND seen_at IS NULL
       AND (delivery_due_at IS NULL
            OR delivery_due_at > now() - make_interval(secs => %(soon)s))
       AND NOT EXISTS (SELECT FROM alerted WHERE alerted.referral_id = referrals.id
                                             AND why IN ('offer_unreached', 'offer_question',
                                                         'age_outside', 'no_longer_granted',
                                                         'no_longer_identified',
                                                         'presumption_ended'))
    UNION ALL
    SELECT case_id::text, referral_id::text, 'organisation', organisation_id::text,
           least(delivered_at, seen_at), 'offer_unanswered'
      FROM offers JOIN referrals ON referrals.id = referral_id
     WHERE is_current AND offers.status = 'offered'
       AND (delivered_at IS NOT NULL OR seen_at IS NOT NULL)
       AND NOT EXISTS (SELECT FROM clocks
                        WHERE clocks.object_id = offers.id AND fact = 'referral.delivered'
                          AND started_at = least(delivered_at, seen_at)
                          AND due_at <= now() - make_interval(secs => %(soon)s))
       AND NOT EXISTS (SELECT FROM alerted WHERE alerted.referral_id = referrals.id
                                             AND why IN ('offer_unreached', 'offer_question',
                                                         'age_outside', 'no_longer_granted',
                                                         'no_longer_identified',
                                                         'presumption_ended'))
    UNION ALL
    SELECT case_id::text, referral_id::text, 'organisation', organisation_id::text, moved_at,
           'referral_' || referrals.status
      FROM offers JOIN referrals ON referrals.id = referral_id
     WHERE is_current AND offers.status = 'accepted'
       AND referrals.status IN ('accepted', 'in_progress', 'on_hold')
       AND NOT EXISTS (SELECT FROM alerted WHERE alerted.referral_id = referrals.id
                                             AND why IN ('consent_withdrawn', 'age_outside',
                                                         'no_longer_granted',
                                                         'no_longer_identified',
                                                         'presumption_ended'))
    UNION ALL
    SELECT case_id::text, id::text, 'organisation', organisation_id::text, purge_asked_at,
           'purge_owed'
      FROM owing
     WHERE NOT EXISTS (SELECT FROM alerted WHERE alerted.offer_id = owing.id::text
                                             AND why = 'purge_overdue')
    UNION ALL
    SELECT owing.case_id::text, owing.id::text, 'case_owner', NULL, min(raised_at), 'purge_overdue'
      FROM owing JOIN alerted ON alerted.offer_id = owing.id::text WHERE why = 'purge_overdue'
     GROUP BY owing.case_id, owing.id
    UNION ALL
    SELECT case_files.case_id::text, served.id::text, 'case_owner', NULL, served.moved_at,
           'service_unconfirmed'
      FROM referrals AS served
      JOIN offers ON offers.referral_id = served.id AND is_current
      JOIN case_files ON case_files.case_id = served.case_id
     WHERE served.status = 'completed' AND served.outcome IN ('provided', 'partly_provided')
       AND confirmed_at IS NULL
       AND coalesce(verification_outcome, 'identified') = 'identified'
       AND NOT EXISTS (SELECT FROM referrals AS again
                        WHERE again.case_id = served.case_id AND again.code = served.code
                          AND again.id <> served.id AND again.opened_at >= served.moved_at)
"""
"""Whose turn it is in livelihood support."""

OPEN = """
    SELECT id::text FROM referrals
     WHERE status NOT IN ('completed', 'failed', 'cancelled', 'entered_in_error')
    UNION ALL
    SELECT id::text FROM offers WHERE purge_asked_at IS NOT NULL AND purge_confirmed_at IS NULL
"""
"""Referrals that have not ended, and offers whose organisation owes a purge."""

PLANS = """
    SELECT plans.case_id::text, greatest(opened_at, served.at, alerted.at)
      FROM plans
      LEFT JOIN (SELECT case_id, greatest(max(moved_at), max(purge_confirmed_at),
                                          max(confirmed_at)) AS at
                   FROM referrals LEFT JOIN offers ON offers.referral_id = referrals.id
                  GROUP BY case_id) AS served ON served.case_id = plans.case_id
      LEFT JOIN (SELECT case_id, max(settled_at) AS at
                   FROM alerts GROUP BY case_id) AS alerted ON alerted.case_id = plans.case_id
"""
"""Plans, and when the last that happened under each ended: a referral, a purge or an alert; or the
person was asked about a service."""
