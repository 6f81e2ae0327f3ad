"""What is sent to the hub: the bytes on the wire, the device's key, and the client."""
