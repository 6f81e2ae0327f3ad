"""Other people's systems: MQTT brokers, Home Assistant."""
