"""What happens to a row that meets another under its key."""

KEEP_LATEST_GRANT = """
    ON CONFLICT (referral_id) DO UPDATE
    SET offer_id = excluded.offer_id,
        organisation_id = excluded.organisation_id,
        organisation_kind = excluded.organisation_kind,
        status = excluded.status,
        accepted_at = CASE
            WHEN excluded.accepted_at IS NOT NULL THEN excluded.accepted_at
            WHEN partner_grants.organisation_id = excluded.organisation_id
            THEN partner_grants.accepted_at
        END
"""
