"""The window: what the owner, the installer and the technician see of the box, and what they may ask of it."""
