"""The agent's file: who speaks, where to, from which machines, and what is disclosed.

An example with all fields stands in ``examples/telemetry/``. In short::

    city: zhangjiagang            # Sparkplug group
    enterprise: acme-steel        # Sparkplug edge node; `enterprise:acme-steel` in the city's register
    mode: rollup                  # full, rollup or pulse
    broker: {address: "broker.city.example:8883", tls: {ca: ca.pem}}
    sources:
      press: {kind: opcua, endpoint: "opc.tcp://10.0.0.5:4840"}
    equipment:
      press-1:
        State: {source: press, tag: "ns=2;s=Status", values: {RUN: executing, IDLE: not_executing}}
        Energy/Active: {source: press, tag: "ns=2;s=Wh", unit: Wh}
        Tag/Oil temperature: {source: press, tag: "ns=2;s=Oil", label: °C}

File names are relative to the folder of the agent's file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from shazhou.city.definition import Definition
from shazhou.city.field import field_problems
from shazhou.city.lines import Lined, read_yaml
from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.telemetry.edge.config_check import problems_of
from shazhou.telemetry.edge.sources.kinds import AnySource

Name = Annotated[str, Field(pattern=r"^[\w.-]+$", max_length=64)]
"""A part of a topic: letters, digits, ``_``, ``-`` and ``.``."""

HIGHEST_PORT = 65_535

NO_FILE = Rule(
    "edge-file-missing",
    "{found} cannot be read: {reason}.",
    "无法读取 {found}：{reason}。",
    "Give the path of the agent's file; examples/telemetry/ has one to begin with.",
    "请给出代理配置文件的路径；examples/telemetry/ 中有示例。",
)
NO_PASSWORD = Rule(
    "edge-password-missing",
    "The broker's password is not where the file says: {found}.",
    "未能在所指之处找到消息服务器密码：{found}。",
    "Set the environment variable, or write the password into the file named, readable by the agent alone.",
    "请设置该环境变量，或将密码写入所指文件，且仅限代理读取。",
)


NO_FIELDS = Rule(
    "edge-file-empty",
    "{found} holds no fields: it is empty, or a list or a text.",
    "{found} 中没有任何字段：文件为空，或内容只是列表或文本。",
    "Begin with a copy of examples/telemetry/edge.yaml.",
    "请以 examples/telemetry/edge.yaml 的副本为起点。",
)
NO_SECTION = Rule(
    "edge-section-missing",
    "The file says nothing under {found}.",
    "文件缺少 {found} 一节。",
    "Add it, such as {example}; examples/telemetry/edge.yaml has a whole file.",
    "请补上，例如 {example}；完整文件见 examples/telemetry/edge.yaml。",
)


class Tls(Definition):
    """Certificates in PEM files. ``ca`` signs the broker's; ``certificate`` and ``key`` are the agent's own."""

    ca: str = ""
    certificate: str = ""
    key: str = ""


class BrokerOptions(Definition):
    """Where the MQTT broker is. A password stands in a file or in the environment, never here."""

    address: str = Field(pattern=r"^[^:\s]+(:\d{1,5})?$")
    tls: Tls | None = None
    username: str = ""
    password_file: str = ""
    password_env: str = ""
    keepalive: int = Field(default=15, ge=2, le=3600)
    """Seconds of silence after which either end finds the connection dead."""

    @field_validator("address")
    @classmethod
    def _port_there_is(cls, address: str) -> str:
        port = address.partition(":")[2]
        if port and not 1 <= int(port) <= HIGHEST_PORT:
            raise PydanticCustomError("no_port", "{detail}", {"detail": port, "highest": str(HIGHEST_PORT)})
        return address

    @property
    def host(self) -> str:
        return self.address.partition(":")[0]

    @property
    def port(self) -> int:
        return int(self.address.partition(":")[2] or (8883 if self.tls else 1883))

    def password(self, folder: Path) -> str:
        """The password, empty for none.

        Raises:
            Refused: it is not where it should be.
        """
        try:
            if self.password_file:
                return (folder / self.password_file).read_text(encoding="utf-8").strip()
            return os.environ[self.password_env] if self.password_env else ""
        except (OSError, KeyError, UnicodeDecodeError):
            raise Refused([Problem(NO_PASSWORD, Where(), self.password_file or self.password_env)]) from None


class BufferOptions(Definition):
    """How much is kept while the host is away: raw values at most so many days, everything at most so many bytes."""

    megabytes: float = Field(default=2000, gt=0)
    days: float = Field(default=14, gt=0)


class MetricOptions(Definition):
    """Where a standard metric comes from, or a factory's own tag (``Tag/…``), and how its value is to be understood."""

    source: str = ""
    tag: str = ""
    unit: str = ""
    """Unit in which the tag counts (Wh, MW, ms …) where the standard metric has another."""
    scale: float = 1.0
    """Factor on the tag's value, before its unit."""
    values: dict[str, str | int] = Field(default={})
    """For State and Operation Mode: what each text or number of the tag means; ``*`` for every other."""
    executing_above: float | None = None
    """For State, where only a power or a speed is known: executing above it, else not executing."""
    rollover: float | None = Field(default=None, gt=0)
    """For meters: where the tag begins again at 0 (65536 for a 16-bit register)."""
    constant: float | None = None
    """A value that no machine tells, for ``Cycle/Planned``."""
    type: Literal["double", "int64", "boolean", "string"] = "double"
    """For ``Tag/…`` alone; standard metrics have their own."""
    label: str = Field(default="", max_length=32)
    """For ``Tag/…``: the unit that is shown."""


class EdgeConfig(Definition):
    """What an agent's file says."""

    city: Name
    enterprise: Name
    host: Name = "shazhou"
    """Id of the Sparkplug host application whose STATE is waited for."""
    broker: BrokerOptions
    mode: Literal["full", "rollup", "pulse"] = "rollup"
    origin: Literal["", "simulated", "recorded"] = ""
    shifts: tuple[str, ...] = ()
    folder: str = "var"
    """Where buffer and key are kept."""
    buffer: BufferOptions = BufferOptions()
    silence: float = Field(default=120, ge=5, le=86_400)
    """Seconds without any reading after which equipment is taken for not available."""
    lateness: float = Field(default=5, ge=0, le=3_600)
    """Seconds by which a reading may come late and still be counted at its source's time."""
    window: int = Field(default=256, ge=1, le=100_000)
    """Records that may be under way without the host's confirmation."""
    sources: dict[Name, AnySource]
    equipment: dict[Name, dict[str, MetricOptions]] = Field(min_length=1)


_SECTIONS = {
    "city": "city: zhangjiagang",
    "enterprise": "enterprise: acme-steel",
    "broker": 'broker: {address: "broker.city.example:8883"}',
    "sources": 'sources: {press: {kind: opcua, endpoint: "opc.tcp://10.0.0.5:4840"}}',
    "equipment": 'equipment: {press-1: {State: {source: press, tag: "ns=2;s=Status"}}}',
}
"""What an agent's file cannot do without, each as it may be written."""

_FIELDS = frozenset(
    name for kind in (EdgeConfig, BrokerOptions, Tls, BufferOptions, MetricOptions) for name in kind.model_fields
)


def read_config(path: Path) -> EdgeConfig:
    """The agent's file.

    Raises:
        Refused: with every problem, at its line.
    """
    return read_lined(path)[0]


def read_lined(path: Path) -> tuple[EdgeConfig, Lined]:
    """The agent's file, and where in it each thing stands.

    Raises:
        Refused: with every problem, at its line.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise Refused([Problem(NO_FILE, Where(str(path)), str(path), {"reason": reason})]) from None
    lined = read_yaml(str(path), content)
    if not isinstance(lined.data, dict) or not lined.data:
        raise Refused([Problem(NO_FIELDS, lined.where(), str(path))])
    try:
        config = EdgeConfig.model_validate(lined.data)
    except ValidationError as error:
        raise Refused(_fields(error, lined)) from None
    problems = tuple(problems_of(config, lined))
    if problems:
        raise Refused(problems)
    return config, lined


def _fields(error: ValidationError, lined: Lined) -> Iterator[Problem]:
    """What pydantic refused; of a section that is missing or has nothing in it, how it may look."""
    for each in field_problems(error, lined, (), _FIELDS):
        section = each.values.get("field", "")
        if section in _SECTIONS and lined.data.get(section) in (None, {}):
            yield Problem(NO_SECTION, each.where, section, {"example": _SECTIONS[section]})
        else:
            yield each
