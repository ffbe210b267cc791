"""Processes that send a steady stream from many nodes, each node by a connection of its own."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.queues import Queue
from typing import Any

from stream import Connection, Node


@dataclass(frozen=True)
class Load:
    """What to send: ``rate`` messages a second over all nodes, evenly, for ``seconds``. ``agent`` numbers records as
    our agent does; ``typed`` repeats the data type in DATA, as some clients need."""

    port: int
    nodes: Sequence[str]
    tags: int
    rate: float
    seconds: float
    agent: bool = False
    typed: bool = False
    group: str = "zhangjiagang"


@dataclass(frozen=True)
class Sent:
    """What was sent: messages by node, seconds of processor time, and how late the last message was."""

    messages: dict[str, int]
    processor: float
    late: float


def send(load: Load, born: Any, go: Any, results: Queue[Sent]) -> None:
    """Connects, gives birth, waits for ``go``, sends, and stays connected until it is ended."""
    try:
        nodes, connections = _born(load)
    except OSError:
        born.abort()
        raise
    born.wait()
    go.wait()
    begin, used, number, due = time.perf_counter(), time.process_time(), 0, 0.0
    while due < load.seconds:
        # A few at a time: to sleep before each would cost more than to send it.
        wait = begin + due - time.perf_counter()
        if wait > 0.002:
            time.sleep(wait)
        place = number % len(nodes)
        connections[place].publish(nodes[place].topic, nodes[place].data(now()))
        number += 1
        due = number / load.rate
    late = time.perf_counter() - begin - load.seconds
    results.put(Sent({node.name: node.sent for node in nodes}, time.process_time() - used, late))
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()


def _born(load: Load) -> tuple[list[Node], list[Connection]]:
    nodes = [
        Node(load.group, name, load.tags, f"agent-of-{name}" if load.agent else "", load.typed) for name in load.nodes
    ]
    connections = [Connection(load.port, node.name, node.death(now())) for node in nodes]
    for node, connection in zip(nodes, connections, strict=True):
        for topic, message in node.births(now()):
            connection.publish(topic, message)
    return nodes, connections


def now() -> int:
    return time.time_ns() // 1_000_000


class Publishers:
    """Several processes that share a load; they keep their connections until they are let go.

    with Publishers(load, 2) as sending:
        sending.start()
        sent = sending.result()
    """

    def __init__(self, load: Load, processes: int) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._born, self._go, self._results = spawn.Barrier(processes + 1), spawn.Event(), spawn.Queue()
        self._count = processes
        parts = [
            Load(
                load.port,
                load.nodes[part::processes],
                load.tags,
                load.rate * len(load.nodes[part::processes]) / len(load.nodes),
                load.seconds,
                load.agent,
                load.typed,
                load.group,
            )
            for part in range(processes)
        ]
        self._processes = [
            spawn.Process(target=send, args=(part, self._born, self._go, self._results), daemon=True) for part in parts
        ]

    def __enter__(self) -> Publishers:
        for process in self._processes:
            process.start()
        self._born.wait(120)
        return self

    def start(self) -> None:
        self._go.set()

    def result(self) -> Sent:
        """Waits until all is sent."""
        all_sent = [self._results.get() for _ in range(self._count)]
        messages = {name: number for each in all_sent for name, number in each.messages.items()}
        return Sent(messages, sum(each.processor for each in all_sent), max(each.late for each in all_sent))

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.kill()
            process.join()
