"""Stays in a facility: announced, begun with the arrival, counted, prolonged and ended."""
