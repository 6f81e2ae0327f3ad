"""Devices: one file per vendor library, imported only when the config names it."""
