"""What to do at the source: how to record, which limits a set of files suggests, other meters."""
