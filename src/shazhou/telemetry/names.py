"""Standard names: what an edge node of ours calls its metrics, with units and data types.

A factory's own tags keep their names under ``Tag/``. Everything else means the same at every node:

- of the node: who it is, what it discloses, and what the host may ask of it;
- of a record (every DATA message of ours is one record): its number and the number of the one before, by which the host
  takes each exactly once;
- of a piece of equipment: state, counts, energy;
- of a minute of it: the roll-up of `shazhou.telemetry.minute`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from shazhou.telemetry.sparkplug.datatype import DataType


class State(IntEnum):
    """State of equipment: MachineryItemState of OPC UA for Machinery (OPC 40001-1)."""

    NOT_AVAILABLE = 0
    OUT_OF_SERVICE = 1
    NOT_EXECUTING = 2
    EXECUTING = 3


class OperationMode(IntEnum):
    """What equipment is being used for: MachineryOperationMode of OPC UA for Machinery (OPC 40001-1)."""

    NONE = 0
    MAINTENANCE = 1
    SETUP = 2
    PROCESSING = 3


@dataclass(frozen=True)
class Standard:
    """A standard metric: type, unit (empty for none) and whether it counts up for ever (a meter)."""

    datatype: DataType
    unit: str = ""
    meter: bool = False


BDSEQ = "bdSeq"
REBIRTH = "Node Control/Rebirth"
CONFIRMED = "Node Control/Confirmed"
"""Host to node (UINT64), with AGENT: every record of this agent up to this number is on the host's disk and may be
deleted. One that names another agent, or none, is left aside."""
READ = "Node Control/Read"
"""Host to node (STRING, JSON {"device", "metric", "nonce"}): read this tag now, from the machine (maxAge 0)."""
ANSWER = "Node Info/Read"
"""Node to host, in an NDATA (STRING, JSON {"device", "metric", "nonce", "value", "at"}): the answer to READ."""
CHALLENGE = "Node Control/Challenge"
"""Host to node with REBIRTH (STRING): a nonce that the fresh birth repeats under CHALLENGED."""
CHALLENGED = "Node Info/Challenge"
AGENT = "Node Info/Agent"
"""STRING: names the agent's buffer; a new buffer counts its records anew. In a command: whose records are CONFIRMED."""
MODE = "Node Info/Mode"
"""STRING: full, rollup or pulse."""
ORIGIN = "Node Info/Origin"
"""STRING: empty, ``simulated`` or ``recorded``."""
GATEWAY = "Node Info/Gateway"
"""STRING: hash of what tells this gateway's hardware from others."""
SHIFTS = "Node Info/Shifts"
"""STRING: the enterprise's working hours, lines of `shazhou.city.calendar`, one per line; empty for none."""
KEY = "Node Info/Key"
"""STRING: public Ed25519 key that signs the minutes, base64."""
SOFTWARE = "Node Info/Software"

SEQUENCE = "Record/Sequence"
"""UINT64 in every DATA message of ours: the record's number, rising by one from 1 on within an AGENT."""
PREVIOUS = "Record/Previous"
"""UINT64: number of the record before it that was not dropped; the host takes a record if it has this one."""

EQUIPMENT: dict[str, Standard] = {
    "State": Standard(DataType.INT32),
    "Operation Mode": Standard(DataType.INT32),
    "Count/Total": Standard(DataType.INT64, "pieces", meter=True),
    "Count/Good": Standard(DataType.INT64, "pieces", meter=True),
    "Energy/Active": Standard(DataType.DOUBLE, "kWh", meter=True),
    "Power/Active": Standard(DataType.DOUBLE, "kW"),
    "Cycle/Planned": Standard(DataType.DOUBLE, "s"),
}
"""Metrics of equipment. ``Cycle/Planned`` is the planned run time per item (PRI of ISO 22400-2)."""

TAG = "Tag/"
"""Prefix of a factory's own tags; sent in mode ``full`` alone."""

MODES = ("full", "rollup", "pulse")
HIGHEST = {"full": 4, "rollup": 4, "pulse": 2}
"""By mode the highest level of presence that it can prove: a pulse says nothing about values."""
