"""Every kind of source that the agent's file can name."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shazhou.telemetry.edge.sources.csv_tail import CsvOptions
from shazhou.telemetry.edge.sources.example import ExampleOptions
from shazhou.telemetry.edge.sources.modbus.options import ModbusOptions
from shazhou.telemetry.edge.sources.mqtt_json import MqttOptions
from shazhou.telemetry.edge.sources.mtconnect.options import AgentOptions, ShdrOptions
from shazhou.telemetry.edge.sources.opcua.options import OpcUaOptions
from shazhou.telemetry.edge.sources.replay import ReplayOptions

AnySource = Annotated[
    OpcUaOptions
    | ModbusOptions
    | AgentOptions
    | ShdrOptions
    | MqttOptions
    | CsvOptions
    | ReplayOptions
    | ExampleOptions,
    Field(discriminator="kind"),
]
"""Options of any kind, told apart by ``kind``."""
