"""Fetching an agent's documents over HTTP, one at a time or as an endless stream of parts.

Blocking on purpose: each call runs in a thread, and closing the connection from outside ends it.
"""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

from shazhou.telemetry.edge.sources.mtconnect.model import LARGEST


class Connection:
    """A connection to an agent for one request. ``timeout`` in seconds without a byte."""

    def __init__(self, url: str, timeout: float) -> None:
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname or "", parts.port, timeout=timeout)
        self._base = parts.path.rstrip("/")
        self._answer: http.client.HTTPResponse | None = None

    def get(self, path: str) -> bytes:
        """The whole document. Error documents come with a status of 4xx and are returned as well."""
        answer = self._ask(path)
        document = answer.read(LARGEST + 1)
        if len(document) > LARGEST:
            raise ValueError(f"document of more than {LARGEST} bytes")
        return document

    def parts(self, path: str) -> Iterator[bytes]:
        """The documents of a stream (multipart/x-mixed-replace) one by one, or the only one where it is none."""
        answer = self._ask(path)
        if not answer.getheader("Content-Type", "").startswith("multipart/"):
            yield answer.read(LARGEST + 1)
            return
        while True:
            length = _part_length(answer)
            if length is None:
                return
            part = answer.read(length)
            if len(part) < length:
                return
            yield part

    def close(self) -> None:
        """Ends the request, also one that another thread waits for."""
        if self._connection.sock is not None:
            with suppress(OSError):
                self._connection.sock.shutdown(socket.SHUT_RDWR)
        self._connection.close()

    def _ask(self, path: str) -> http.client.HTTPResponse:
        self._connection.request("GET", self._base + path, headers={"Accept": "text/xml, application/xml"})
        return self._connection.getresponse()


def _part_length(answer: http.client.HTTPResponse) -> int | None:
    """Reads a part's header; its length, None at the stream's end. Raises ValueError for a part without length."""
    length, begun = None, False
    while line := answer.readline(8192):
        text = line.strip().lower()
        if text.startswith(b"--"):
            begun = True
        elif text.startswith(b"content-length:"):
            length = int(text.partition(b":")[2])
        elif not text and begun:
            if length is None or not 0 <= length <= LARGEST:
                raise ValueError("part of a stream without a sound length")
            return length
    return None
