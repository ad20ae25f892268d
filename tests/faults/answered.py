"""What a wrong is, and that of an answer to a client whose effect is not there."""

from shared.contracts import Queue

Wrong = tuple[Queue, str]


def answered(service: Queue, route: str, name: str = "id") -> Wrong:
    """An answer whose effect is not there."""
    return (
        service,
        f"""
        INSERT INTO idempotency_keys (client_id, route, key, fingerprint, status, body, headers,
                                      expires_at)
        VALUES ('nobody', '{route}', gen_random_uuid()::text, '', 201,
                jsonb_build_object('{name}', gen_random_uuid()), '{{}}', now() + interval '1 day')
        """,  # noqa: S608 - made of our own words only
    )
