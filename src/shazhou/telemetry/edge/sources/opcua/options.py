"""What the agent's file says of an OPC UA server.

    press:
      kind: opcua
      endpoint: opc.tcp://192.168.1.10:4840
      security: Basic256Sha256/SignAndEncrypt
      username: reader
      password_file: press.password

A tag is a node id (``ns=2;s=Press.Temperature``, ``nsu=urn:maker;i=7``), a key of ``nodes``, a path of browse names
below ``root`` (``Line1/Press/Temperature``), or ``State`` and ``Operation Mode`` on servers with OPC UA for Machinery
(``<machine>/State`` where there are several).
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Literal

from pydantic import Field

from shazhou.telemetry.edge.source import Clock, Source
from shazhou.telemetry.edge.sources.secret import LoginOptions

Security = Literal[
    "none",
    "Basic256Sha256/Sign",
    "Basic256Sha256/SignAndEncrypt",
    "Aes128_Sha256_RsaOaep/SignAndEncrypt",
    "Aes256_Sha256_RsaPss/SignAndEncrypt",
]


class OpcUaOptions(LoginOptions):
    """An OPC UA server. Times in seconds."""

    kind: Literal["opcua"]
    endpoint: str = Field(pattern=r"^opc\.tcp://.+")
    security: Security = "none"
    certificates: str = "certificates"
    """Folder of the agent's own certificate and key, made when missing; relative to the agent's file."""
    server_certificate: str = ""
    """The server's certificate (DER or PEM); without it, any that the server presents is taken."""
    interval: float = Field(1.0, ge=0.01, le=3600)
    """How often the server publishes."""
    sampling: float | None = Field(None, ge=0)
    """How often it samples; by default as often as it publishes."""
    queue: int = Field(0, ge=0, le=10_000)
    """Values kept by the server for each node between publishings; 0 fits it to interval and sampling."""
    chunk: int = Field(1000, ge=1, le=10_000)
    """Operations in one call at most, if the server allows that many."""
    timeout: float = Field(10.0, ge=1, le=120)
    nodes: dict[str, str] = Field(default_factory=dict)
    root: str = "i=85"
    """The node at which browsing begins: Objects."""
    depth: int = Field(12, ge=1, le=40)
    most: int = Field(20_000, ge=1, le=200_000)
    """Variables after which browsing ends."""

    def source(self, tags: Collection[str], folder: Path, clock: Clock) -> Source:
        from shazhou.telemetry.edge.sources.opcua.opcua import OpcUaSource

        return OpcUaSource(self, tags, folder, clock)
