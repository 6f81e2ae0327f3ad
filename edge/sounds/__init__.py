"""The chimes that ship: ``<name>.wav``, 44.1 kHz, mono, 16 bits, made by ``tools/make_sounds.py``."""
