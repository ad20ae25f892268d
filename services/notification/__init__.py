"""Delivers what organisations must learn to their own systems; parks what cannot arrive."""
