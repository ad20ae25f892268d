"""What services say (contracts), how it is carried (messaging) and what each needs (kit)."""
