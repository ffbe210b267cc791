"""Decodes messages from standard input with `mqtt-spb-wrapper`, names put in by alias; prints messages a second."""

import struct
import sys
import time

from mqtt_spb_wrapper.spb_base import SpbPayloadParser


def messages():
    raw, place = sys.stdin.buffer.read(), 0
    while place < len(raw):
        (length,) = struct.unpack_from("<I", raw, place)
        yield raw[place + 4 : place + 4 + length]
        place += 4 + length


birth, *data = messages()
names = {metric["alias"]: metric["name"] for metric in SpbPayloadParser(birth).payload["metrics"]}
begin = time.perf_counter()
for message in data:
    payload = SpbPayloadParser(message).payload
    for metric in payload["metrics"]:
        metric["name"] = names[metric["alias"]]
print(len(data) / (time.perf_counter() - begin), payload["metrics"][0]["value"])
