"""Settings: what the owner and the installer may choose, checked before anything starts."""
