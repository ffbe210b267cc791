"""Listens to a group by `pysparkplug` and says what it understood; the line ``rebirth`` has it command a node."""

import json
import sys
import time

import pysparkplug
from pysparkplug import MessageType, QoS, Topic


def say(_, message):
    topic = message.topic
    metrics = [[each.name, each.value, each.is_historical] for each in getattr(message.payload, "metrics", ())]
    print(json.dumps({topic.message_type.value: {"device": topic.device_id or "", "metrics": metrics}}), flush=True)


def main(port, group, node):
    client = pysparkplug.Client(client_id="pysparkplug-host")
    for kind in ("NBIRTH", "NDATA", "NDEATH"):
        client.subscribe(Topic(message_type=MessageType[kind], group_id=group, edge_node_id=node), QoS(0), say)
    for kind in ("DBIRTH", "DDATA", "DDEATH"):
        topic = Topic(message_type=MessageType[kind], group_id=group, edge_node_id=node, device_id="+")
        client.subscribe(topic, QoS(0), say)
    client.connect("127.0.0.1", port=port, callback=lambda _: print(json.dumps({"ready": True}), flush=True))
    for _ in sys.stdin:
        now = int(time.time() * 1000)
        rebirth = pysparkplug.Metric(
            timestamp=now, name="Node Control/Rebirth", datatype=pysparkplug.DataType.BOOLEAN, value=True
        )
        client.publish(
            pysparkplug.Message(
                topic=Topic(message_type=MessageType.NCMD, group_id=group, edge_node_id=node),
                payload=pysparkplug.NCmd(timestamp=now, metrics=(rebirth,)),
                qos=QoS(0),
                retain=False,
            ),
            include_dtypes=True,
        )


main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
