"""Passwords of machines: in a file or in the environment, never in the agent's file."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field

from shazhou.telemetry.edge.source import SourceOptions
from shazhou.telemetry.edge.sources.connection import TurnedAway


class LoginOptions(SourceOptions):
    """Options of sources that may ask who one is."""

    username: str = ""
    password_file: str = Field(default="", max_length=4096)
    password_env: str = Field(default="", max_length=256)

    def password(self, folder: Path) -> str:
        """The password, empty for none. Raises TurnedAway where it is not where the file says."""
        try:
            if self.password_file:
                return (folder / self.password_file).read_text(encoding="utf-8").strip()
            return os.environ[self.password_env] if self.password_env else ""
        except (OSError, KeyError, UnicodeDecodeError):
            raise TurnedAway(f"no password in {self.password_file or self.password_env}") from None
