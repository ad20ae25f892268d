"""Decides, for every received case, who verifies it and how its verification ends."""
