"""The panel in front of a hub: many shops instead of one box."""
