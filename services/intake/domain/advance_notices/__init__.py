"""Handovers that are announced: given, changed, and met by the people who come."""
