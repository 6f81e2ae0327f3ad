"""What survives a power cut: the records, in one SQLite file. No picture can be kept here."""
