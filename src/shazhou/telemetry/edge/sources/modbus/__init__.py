"""Modbus TCP: which registers make a value, and reading many of them in few requests."""
