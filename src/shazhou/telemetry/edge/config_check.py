"""What an agent's file says that cannot be meant: names that lead nowhere, conversions that do not fit a metric."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from shazhou.city.calendar import Calendar
from shazhou.city.lines import Lined, Path
from shazhou.city.problem import Problem, Refused, Rule
from shazhou.telemetry.edge.convert import factor_of, meaning_of
from shazhou.telemetry.names import EQUIPMENT, TAG

if TYPE_CHECKING:
    from shazhou.telemetry.edge.config import EdgeConfig, MetricOptions

UNKNOWN_SOURCE = Rule(
    "edge-source-unknown",
    "There is no source '{found}'.",
    "没有名为“{found}”的数据源。",
    "Name one that stands under sources, or add it there.",
    "请引用 sources 下已有的数据源，或在其中补上。",
)
UNKNOWN_METRIC = Rule(
    "edge-metric-unknown",
    "'{found}' is no standard metric.",
    "“{found}”不是标准指标。",
    "Use one of {known}, or Tag/ and a name of your own.",
    "请使用 {known}，或以 Tag/ 开头的自有名称。",
)
NO_TAG = Rule(
    "edge-tag-missing",
    "{found} needs a source and a tag.",
    "{found} 需要数据源和标签。",
    "Give both; only Cycle/Planned may be a constant instead.",
    "请同时给出；仅 Cycle/Planned 可改用常数。",
)
UNKNOWN_UNIT = Rule(
    "edge-unit-unknown",
    "The unit {found} cannot be converted to that of {metric}.",
    "单位 {found} 无法换算为 {metric} 的单位。",
    "Use a unit of the same kind (Wh, kWh, MWh, MJ; W, kW, MW; ms, s, min, h), or scale.",
    "请使用同类单位（Wh、kWh、MWh、MJ；W、kW、MW；ms、s、min、h），或使用 scale。",
)
UNKNOWN_STATE = Rule(
    "edge-state-unknown",
    "'{found}' is no value of {metric}.",
    "“{found}”不是 {metric} 的取值。",
    "State: not_available, out_of_service, not_executing, executing; Operation Mode: none, maintenance, setup, "
    "processing.",
    "State 取 not_available、out_of_service、not_executing、executing；Operation Mode 取 none、maintenance、setup、"
    "processing。",
)
NOT_FOR_THIS = Rule(
    "edge-option-misplaced",
    "{found} means nothing for {metric}.",
    "{found} 不适用于 {metric}。",
    "Remove it: values is for State and Operation Mode, executing_above for State, rollover for meters, constant for "
    "Cycle/Planned, type and label for Tag/.",
    "请删除：values 用于 State 和 Operation Mode，executing_above 用于 State，rollover 用于累计表，constant 用于 "
    "Cycle/Planned，type 和 label 用于 Tag/。",
)
NOT_A_MACHINE = Rule(
    "edge-example-unmarked",
    "The source {found} is an example and no machine, but the file does not say origin: simulated.",
    "数据源 {found} 为示例而非真实设备，但文件未写 origin: simulated。",
    "Write origin: simulated, or use a source of another kind.",
    "请写 origin: simulated，或改用其他类型的数据源。",
)
NOT_NOW = Rule(
    "edge-record-unmarked",
    "The source {found} plays a record, but the file does not say origin: recorded.",
    "数据源 {found} 回放的是历史记录，但文件未写 origin: recorded。",
    "Write origin: recorded, or use a source of another kind.",
    "请写 origin: recorded，或改用其他类型的数据源。",
)

_FITS = {
    "values": ("State", "Operation Mode"),
    "executing_above": ("State",),
    "rollover": tuple(name for name, standard in EQUIPMENT.items() if standard.meter),
    "constant": ("Cycle/Planned",),
}


def problems_of(config: EdgeConfig, lined: Lined) -> Iterator[Problem]:
    """Everything in a well-formed file that cannot be meant, at its line."""
    try:
        Calendar.parse(config.shifts, "UTC", lined.where(("shifts",)))
    except Refused as refused:
        yield from refused.problems
    for name, source in config.sources.items():
        if source.kind == "example" and config.origin != "simulated":
            yield Problem(NOT_A_MACHINE, lined.where(("sources", name)), name)
        if source.kind == "replay" and not config.origin:
            yield Problem(NOT_NOW, lined.where(("sources", name)), name)
    for device, metrics in config.equipment.items():
        for name, options in metrics.items():
            yield from _metric(config, name, options, lined, ("equipment", device, name))


def _metric(config: EdgeConfig, name: str, options: MetricOptions, lined: Lined, path: Path) -> Iterator[Problem]:
    own = name.startswith(TAG) and len(name) > len(TAG)
    if name not in EQUIPMENT and not own:
        yield Problem(UNKNOWN_METRIC, lined.where(path), name, {"known": ", ".join(EQUIPMENT)})
        return
    if options.source and options.source not in config.sources:
        yield Problem(UNKNOWN_SOURCE, lined.where((*path, "source")), options.source)
    if options.constant is None and not (options.source and options.tag):
        yield Problem(NO_TAG, lined.where(path), name)
    unit = EQUIPMENT[name].unit if name in EQUIPMENT else ""
    if options.unit and factor_of(options.unit, unit) is None:
        yield Problem(UNKNOWN_UNIT, lined.where((*path, "unit")), options.unit, {"metric": name})
    for field in options.model_fields_set:
        if name not in _FITS.get(field, (name,)) or (field in ("type", "label") and not own):
            yield Problem(NOT_FOR_THIS, lined.where((*path, field)), field, {"metric": name})
    if name in _FITS["values"]:
        for said, meant in options.values.items():
            if meaning_of(name, meant) is None:
                yield Problem(UNKNOWN_STATE, lined.where((*path, "values", said)), str(meant), {"metric": name})
