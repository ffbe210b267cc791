"""Shazhou: evidence, figures and work reports of a city, every number traceable to what it was made from."""

__version__ = "0.1.0"
