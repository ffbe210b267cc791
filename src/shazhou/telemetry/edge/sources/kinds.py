"""Every kind of source that the agent's file can name."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shazhou.telemetry.edge.sources.example import ExampleOptions

AnySource = Annotated[ExampleOptions, Field()]
"""Options of any kind, told apart by ``kind``. A second kind makes it
``Annotated[ExampleOptions | OpcUaOptions, Field(discriminator="kind")]``."""
