"""Listens to a group by `mqtt-spb-wrapper` and says what it understood; the line ``rebirth`` has it command a node."""

import json
import sys

from mqtt_spb_wrapper import MqttSpbEntityScada


def said(topic, payload):
    metrics = [
        [each.get("name"), each.get("value"), each.get("isHistorical", False)] for each in payload.get("metrics", ())
    ]
    text = json.dumps({topic.message_type: {"device": topic.eon_device_name or "", "metrics": metrics}}, default=str)
    print(text, flush=True)


def main(port, group, node):
    host = MqttSpbEntityScada(group, "scada", callback_birth=said, callback_data=said, callback_death=said)
    assert host.connect("127.0.0.1", port)
    print(json.dumps({"ready": True}), flush=True)
    for _ in sys.stdin:
        host.send_command("Node Control/Rebirth", True, node)


main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
