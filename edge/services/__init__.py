"""Flow: what runs when, and on which thread."""
