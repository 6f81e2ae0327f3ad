"""Pixels to tracks: gate, detector heads, tracker, overhead blobs. Pure: no device, no clock, no thread."""
