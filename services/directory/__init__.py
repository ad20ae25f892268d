"""Knows who takes part: organisations and their dated roles, areas, programmes, clients, tokens."""
