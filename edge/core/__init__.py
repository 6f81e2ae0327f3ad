"""Words: the field's vocabulary, geometry, events, the devices' Protocols, time, errors. No I/O, no threads."""
