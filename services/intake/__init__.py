"""Receives cases, keeps all personal data sealed, and discloses it only as consented."""
