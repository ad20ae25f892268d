"""Transactions of tests: one holds a whole test, and takes as long as a busy machine lets it."""

from sqlalchemy import text

WITHOUT_END = text(
    "SELECT set_config('transaction_timeout', '0', true),"
    " set_config('idle_in_transaction_session_timeout', '0', true)"
)
"""Without the limits that a service gives itself, which end what is forgotten."""
