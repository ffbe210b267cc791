"""The command ``shazhou``: thin; it parses, calls and prints."""

from shazhou.cli.app import main

__all__ = ["main"]
