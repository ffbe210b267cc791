"""An edge node of somebody else: plain Sparkplug, no records, no memory. It notes what it sent and when.

python stranger.py PORT NODE TAGS NOTES
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "load"))

import paho.mqtt.client as mqtt
from stream import Node

from shazhou.telemetry.sparkplug.topic import Topic

GROUP = "zhangjiagang"
PERIOD = 0.2


def now() -> int:
    return time.time_ns() // 1_000_000


def main(port: int, name: str, tags: int, notes: Path) -> None:
    node, bdseq, lost, asked = Node(GROUP, name, tags), -1, threading.Event(), threading.Event()
    with notes.open("a", buffering=1) as noted:
        while True:
            bdseq = (bdseq + 1) % 256
            client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, name, reconnect_on_failure=False)
            client.will_set(*node.death(now(), bdseq), qos=1)
            client.on_disconnect = lambda *_: lost.set()
            client.on_message = lambda *_: asked.set()
            lost.clear()
            try:
                client.connect("127.0.0.1", port, keepalive=5)
                client.subscribe(str(Topic(GROUP, "NCMD", name)))
                client.loop_start()
                asked.set()
                while not lost.is_set():
                    _speak(client, node, bdseq, asked, noted)
                    time.sleep(PERIOD)
            except OSError as error:
                print(f"{now()} {error}", file=sys.stderr)
            client.loop_stop()
            time.sleep(0.5)


def _speak(client: mqtt.Client, node: Node, bdseq: int, asked: threading.Event, noted: Any) -> None:
    """A birth where one is due, then a message of data."""
    at = now()
    if asked.is_set():
        asked.clear()
        for topic, message in node.births(at, bdseq):
            client.publish(topic.decode(), message)
    content = node.data(at)
    noted.write(f"{node.sent} {at}\n")
    client.publish(node.topic.decode(), content)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
