"""Protection of a person in a case: asked for, decided, reviewed and ended."""
