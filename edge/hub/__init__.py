"""The hub: receives what many devices send, and tells readers the figures. Its processes remember nothing."""
