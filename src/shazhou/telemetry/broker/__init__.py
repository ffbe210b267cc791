"""The MQTT server: the one that comes along, and the configuration of one that does not."""
