"""Advanced Customer Messenger: counts and greets people at a shop door, on the device itself."""

__version__ = "0.1.0"
