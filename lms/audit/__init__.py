"""Who did what to what, append-only, in the same transaction as the change."""
