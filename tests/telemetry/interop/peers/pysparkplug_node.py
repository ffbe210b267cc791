"""An edge node by `pysparkplug`, told what to do by lines on standard input; what it is told by commands it prints."""

import json
import queue
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pysparkplug

VALUES = json.loads((Path(__file__).parents[1] / "values.json").read_text(encoding="utf-8"))
ARRAYS = [
    ("int16s", "INT16_ARRAY", (-1, 2)),
    ("doubles", "DOUBLE_ARRAY", (0.5, -2.0)),
    ("booleans", "BOOLEAN_ARRAY", (True, False, True)),
    ("strings", "STRING_ARRAY", ("a", "沙")),
]


def typed(kind, value):
    if kind in ("Int64", "UInt64"):
        return int(value)
    if kind == "DateTime":
        return datetime.fromtimestamp(int(value) / 1000, UTC)
    return bytes(value) if kind == "Bytes" else value


def metrics(stage):
    now = int(time.time() * 1000)
    plain = [(each["name"], each["type"].upper(), typed(each["type"], each[stage])) for each in VALUES]
    return [
        pysparkplug.Metric(timestamp=now, name=name, datatype=pysparkplug.DataType[kind], value=value)
        for name, kind, value in plain + ARRAYS
    ] + [pysparkplug.Metric(timestamp=now, name="null", datatype=pysparkplug.DataType.INT32, is_null=True)]


def main(port, group, name):
    told = queue.Queue()
    control = pysparkplug.Metric(
        timestamp=0, name="Node Control/Rebirth", datatype=pysparkplug.DataType.BOOLEAN, value=False
    )
    setpoint = pysparkplug.Metric(timestamp=0, name="setpoint", datatype=pysparkplug.DataType.INT32, value=0)

    def commanded(kind):
        return lambda _, message: told.put(
            kind + " " + json.dumps([[each.name, each.value] for each in message.payload.metrics])
        )

    node = pysparkplug.EdgeNode(group, name, [control, *metrics("birth")], cmd_callback=commanded("ncmd"))
    node.register(pysparkplug.Device("press", [setpoint, *metrics("birth")], cmd_callback=commanded("dcmd")))
    threading.Thread(target=lambda: [told.put(line.strip()) for line in sys.stdin], daemon=True).start()
    node.connect("127.0.0.1", port=port)
    while True:
        word, _, rest = told.get().partition(" ")
        if word == "data":
            node.update(metrics("data"))
            node.update_device("press", metrics("data"))
        elif word == "bury":
            node.deregister("press")
        elif word == "stop":
            node.disconnect()
            return
        else:
            print(json.dumps({word: json.loads(rest)}), flush=True)
            if ["Node Control/Rebirth", True] in json.loads(rest):
                # The library has no way to give birth again but to connect again.
                node.disconnect()
                node.connect("127.0.0.1", port=port)


main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
