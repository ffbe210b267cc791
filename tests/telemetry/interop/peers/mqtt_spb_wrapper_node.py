"""An edge node by `mqtt-spb-wrapper`, told what to do by lines on standard input; what it is told by commands it
prints. Node and device have a connection each, so the birth of the device can be the first to arrive."""

import json
import queue
import sys
import threading
import time
from pathlib import Path

from mqtt_spb_wrapper import MqttSpbEntityDevice, MqttSpbEntityEdgeNode
from mqtt_spb_wrapper.spb_protobuf import MetricDataType

VALUES = json.loads((Path(__file__).parents[1] / "values.json").read_text(encoding="utf-8"))


def set_values(entity, stage):
    for each in VALUES:
        value = each[stage]
        if each["type"] in ("Int64", "UInt64", "DateTime"):
            value = int(value)
        elif each["type"] == "Bytes":
            value = bytes(value)
        entity.data.set_value(each["name"], value, spb_data_type=getattr(MetricDataType, each["type"]))
    entity.data.set_value("table", {"heat": [1, 2], "grade": ["A", "B"]})


def main(port, group, name, first="node"):
    told = queue.Queue()
    # What the library itself registers for this command breaks its own network thread when the command comes.
    node = MqttSpbEntityEdgeNode(group, name, include_spb_rebirth=False)
    node.commands.set_value("Node Control/Rebirth", False)
    press = MqttSpbEntityDevice(group, name, "press")
    press.commands.set_value("setpoint", 0)
    for kind, entity in (("ncmd", node), ("dcmd", press)):
        set_values(entity, "birth")
        entity.on_command = lambda payload, kind=kind: told.put(
            kind + " " + json.dumps([[each["name"], each["value"]] for each in payload["metrics"]])
        )
    threading.Thread(target=lambda: [told.put(line.strip()) for line in sys.stdin], daemon=True).start()
    for entity in (node, press):
        assert entity.connect("127.0.0.1", port)
    for entity in (node, press) if first == "node" else (press, node):
        entity.publish_birth()
        time.sleep(0.3)
    while True:
        word, _, rest = told.get().partition(" ")
        if word == "data":
            for entity in (node, press):
                set_values(entity, "data")
                entity.publish_data()
        elif word == "bury":
            press.disconnect()
        elif word == "stop":
            node.disconnect()
            return
        else:
            print(json.dumps({word: json.loads(rest)}), flush=True)
            if ["Node Control/Rebirth", True] in json.loads(rest):
                for entity in (node, press):
                    entity.publish_birth()


main(int(sys.argv[1]), *sys.argv[2:])
