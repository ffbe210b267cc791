"""A network that can be cut: passes TCP connections on, closes them all, or lets nothing through.

    python proxy.py BROKER_PORT NAME:PORT ...

Lines on standard input: ``cut NAME SECONDS`` closes every connection and refuses new ones, ``freeze NAME SECONDS``
keeps them open and lets nothing through, as a router does that lost its way; then all are closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys


class Link:
    """One way to the broker."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._whole, self._flowing = asyncio.Event(), asyncio.Event()
        self._whole.set()
        self._flowing.set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._whole.is_set():
            writer.close()
            return
        try:
            there = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.close()
            return
        ends = {writer, there[1]}
        self._writers |= ends
        await asyncio.gather(self._pass(reader, there[1]), self._pass(there[0], writer))
        self._writers -= ends

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A line that breaks is what this is for: the other end hears of it by being closed.
        with contextlib.suppress(OSError):
            while content := await reader.read(1 << 16):
                await self._flowing.wait()
                writer.write(content)
                await writer.drain()
        writer.close()

    async def cut(self, seconds: float) -> None:
        self._whole.clear()
        self._close()
        await asyncio.sleep(seconds)
        self._whole.set()

    async def freeze(self, seconds: float) -> None:
        self._flowing.clear()
        await asyncio.sleep(seconds)
        self._close()
        self._flowing.set()

    def _close(self) -> None:
        for each in self._writers:
            each.transport.abort()


async def main(target: int, names: list[str]) -> None:
    links, background = {}, set()
    for each in names:
        name, _, port = each.partition(":")
        links[name] = Link(target)
        await asyncio.start_server(links[name].connected, "127.0.0.1", int(port), backlog=1000)
    print("ready", flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        what, name, seconds = line.split()
        link = links[name]
        task = loop.create_task((link.cut if what == "cut" else link.freeze)(float(seconds)))
        background.add(task)
        task.add_done_callback(background.discard)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2:]))
