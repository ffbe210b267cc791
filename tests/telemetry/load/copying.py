"""A script as many a plant has one: takes Sparkplug messages with paho and copies their values into PostgreSQL.

python copying.py PORT ADDRESS
"""

from __future__ import annotations

import sys
import threading
import time
from typing import Any

import paho.mqtt.client as mqtt
import psycopg

from shazhou.telemetry.sparkplug.descriptor import Payload

TABLES = """
CREATE TABLE series (id int PRIMARY KEY, node text NOT NULL, device text NOT NULL, metric text NOT NULL);
CREATE TABLE sample (series int NOT NULL, at bigint NOT NULL, value double precision);
CREATE INDEX ON sample (series, at);
"""


def main(port: int, address: str) -> None:
    numbers: dict[tuple[str, str, int], int] = {}
    fresh: list[tuple[int, str, str, str]] = []
    rows: list[tuple[int, int, float]] = []
    held = threading.Lock()

    def take(_client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        _, _, kind, node, *device = message.topic.split("/")
        if not device:
            return
        payload = Payload.FromString(message.payload)
        with held:
            for metric in payload.metrics:
                key = (node, device[0], metric.alias)
                if kind == "DBIRTH":
                    numbers[key] = len(numbers)
                    fresh.append((numbers[key], node, device[0], metric.name))
                else:
                    rows.append((numbers[key], metric.timestamp, metric.double_value))

    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, "copying")
    client.on_message = take
    client.connect("127.0.0.1", port)
    client.subscribe("spBv1.0/#")
    client.loop_start()
    with psycopg.connect(address) as connection:
        connection.execute("SET synchronous_commit = off")
        print("ready", flush=True)
        while True:
            time.sleep(0.2)
            with held:
                series, fresh[:] = fresh[:], []
                values, rows[:] = rows[:], []
            for table, columns, batch in (("series", "(id, node, device, metric)", series), ("sample", "", values)):
                if batch:
                    with connection.cursor().copy(f"COPY {table} {columns} FROM STDIN".encode()) as copy:
                        for row in batch:
                            copy.write_row(row)
            connection.commit()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
