"""What was done in a case and who read it: the audit of a service, read by whoever may."""

from shared.auditing.reading import Entry, EntryKind, Trail, find_entries

__all__ = ["Entry", "EntryKind", "Trail", "find_entries"]
