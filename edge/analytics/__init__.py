"""Tracks to meaning: tripwires, zones, occupancy, visits. Pure: no device, no clock, no thread."""
