"""Sparkplug B 3.0 on the wire: topics, payloads and data types, for both ends."""
