"""From MTConnect's words to the state and operation mode of OPC UA for Machinery.

MTConnect (ANSI/MTC1.4-2018, Part 2, "Event types") says of a controller what it does (EXECUTION), of a device whether
it is there (AVAILABILITY), whether it was stopped for safety (EMERGENCY_STOP), what it is used for (FUNCTIONAL_MODE).
OPC UA for Machinery (OPC 40001-1, MachineryItemState and MachineryOperationMode) has four values for each of both. No
official mapping exists between the two; this is ours, value by value:

- not available: AVAILABILITY or every EXECUTION is UNAVAILABLE, or the connection is lost;
- out of service: EMERGENCY_STOP is TRIGGERED (40001-1: it cannot do its work until somebody mends it);
- executing: any EXECUTION is ACTIVE;
- not executing: everything else that a controller that is there may say, waiting and holding included.

Controllers with several paths are executing while one path is. A device without EXECUTION is never called executing.
"""

from __future__ import annotations

from collections.abc import Mapping

from shazhou.telemetry.edge.sources.mtconnect.model import DataItem
from shazhou.telemetry.names import OperationMode, State

STATE_TAG = "State"
MODE_TAG = "Operation Mode"
"""Tags under which a source of MTConnect gives what it derived."""

UNAVAILABLE = "UNAVAILABLE"

EXECUTION: dict[str, State] = {
    "ACTIVE": State.EXECUTING,
    "READY": State.NOT_EXECUTING,
    "INTERRUPTED": State.NOT_EXECUTING,
    "FEED_HOLD": State.NOT_EXECUTING,
    "STOPPED": State.NOT_EXECUTING,
    "OPTIONAL_STOP": State.NOT_EXECUTING,
    "PROGRAM_STOPPED": State.NOT_EXECUTING,
    "PROGRAM_OPTIONAL_STOP": State.NOT_EXECUTING,
    "PROGRAM_COMPLETED": State.NOT_EXECUTING,
    "WAIT": State.NOT_EXECUTING,
    UNAVAILABLE: State.NOT_AVAILABLE,
}
"""Every value of EXECUTION up to MTConnect 2.x."""

FUNCTIONAL_MODE: dict[str, OperationMode] = {
    "PRODUCTION": OperationMode.PROCESSING,
    "SETUP": OperationMode.SETUP,
    "TEARDOWN": OperationMode.SETUP,
    "PROCESS_DEVELOPMENT": OperationMode.SETUP,
    "MAINTENANCE": OperationMode.MAINTENANCE,
    UNAVAILABLE: OperationMode.NONE,
}

TYPES = ("AVAILABILITY", "EXECUTION", "EMERGENCY_STOP", "FUNCTIONAL_MODE")

WORDS: dict[str, str] = {
    "avail": "AVAILABILITY",
    "execution": "EXECUTION",
    "estop": "EMERGENCY_STOP",
    "functionalmode": "FUNCTIONAL_MODE",
}
"""What adapters commonly call these items, where no device model says it."""


class Machine:
    """What is known of one device, and the state and mode that follow.

    ``items`` are the data items by id; without a model it is empty and the common words decide.
    """

    def __init__(self, items: Mapping[str, DataItem]) -> None:
        self._types = {word: item.type for item in items.values() if item.type in TYPES for word in item.words}
        if not items:
            self._types = dict(WORDS)
        self._values: dict[str, dict[str, str]] = {}

    def hear(self, word: str, value: object) -> bool:
        """Takes note of an observation; whether it can change what follows."""
        kind = self._types.get(word)
        if kind is None:
            return False
        self._values.setdefault(kind, {})[word] = UNAVAILABLE if value is None else str(value).upper()
        return True

    @property
    def state(self) -> State:
        if not self._values or UNAVAILABLE in self._values.get("AVAILABILITY", {}).values():
            return State.NOT_AVAILABLE
        if "TRIGGERED" in self._values.get("EMERGENCY_STOP", {}).values():
            return State.OUT_OF_SERVICE
        said = self._values.get("EXECUTION", {}).values()
        return max((EXECUTION.get(value, State.NOT_EXECUTING) for value in said), default=State.NOT_EXECUTING)

    @property
    def mode(self) -> OperationMode | None:
        """None as long as nothing was said of it."""
        said = self._values.get("FUNCTIONAL_MODE", {}).values()
        return max((FUNCTIONAL_MODE.get(value, OperationMode.NONE) for value in said), default=None)
