"""How much the host takes from whom; what is beyond goes to quarantine. Whoever can connect can send anything."""

PAYLOAD = 1 << 20
"""Bytes of a payload."""
METRICS = 10_000
"""Metrics of one payload."""
NODE_METRICS = 20_000
"""Metrics of a node with its devices, the sum over its births."""
SERIES = 50_000
"""Metrics that a node was ever born with, under whatever names, since the host was started."""
DEVICES = 1_000
"""Devices of a node."""
NODES = 10_000
"""Nodes that were born."""
NAME = 512
"""Characters of the name of a metric, node or device."""
LARGEST = (1 << 63) - 1
"""Of a number that is kept as one."""
LATEST = 7_258_118_400_000
"""Milliseconds since 1970: a time from the year 2200 on is no time of a sample."""
WAITING = 64
"""Messages of a node that wait for one that is missing."""
STRANGERS = 1_000
"""Nodes that spoke without birth and are remembered, so that each is asked for it only now and then."""
TOPICS = 50_000
"""Topics that are remembered, so that each is read once."""
PLANS = 256
"""Orders of metrics that are remembered for a node or device; whoever mixes more is read metric by metric."""
