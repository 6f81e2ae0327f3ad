"""What the hub keeps of many devices: SQLite for a trial, PostgreSQL for work."""
