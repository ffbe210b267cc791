"""Releases: heads that an analyst cleared for people without access to micro-data, and the figures cleared at them."""
