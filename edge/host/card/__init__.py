"""The boot partition of a Raspberry Pi's card: what a laptop writes there, and what the box makes of it."""
