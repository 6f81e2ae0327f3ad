"""The machine: operating system, service manager, health."""
