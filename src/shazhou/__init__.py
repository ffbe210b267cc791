"""Shazhou: evidence, figures and work reports of a city, every number traceable to what it was made from."""

__version__ = "0.1.0"

COLLECTED_EVERY = 50_000
"""Objects made between two looks for garbage, by commands and workers: queries are made of many small objects, and what
is kept is looked through each time."""
