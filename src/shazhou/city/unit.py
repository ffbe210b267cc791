"""Units: how a number as given becomes a number in base units, exactly.

A base unit is what the ledger stores (CNY, percent, persons, m2 …). Every other unit is a base unit times an exact
decimal factor. Aliases are how documents write it (亿元, 万元, 10k m2, %).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Unit:
    """A unit of measure: ``value_in_base = value * factor``."""

    id: str
    base: str
    factor: Decimal
    en: str
    zh: str
    aliases: tuple[str, ...] = ()


def _unit(id: str, base: str, factor: str, en: str, zh: str, *aliases: str) -> Unit:
    return Unit(id, base, Decimal(factor), en, zh, aliases)


_TABLE = (
    _unit("cny", "cny", "1", "CNY", "元", "元", "人民币元", "RMB"),
    _unit("1k_cny", "cny", "1e3", "thousand CNY", "千元", "千元"),
    _unit("10k_cny", "cny", "1e4", "10,000 CNY", "万元", "万元", "10k CNY"),
    _unit("1m_cny", "cny", "1e6", "million CNY", "百万元", "百万元"),
    _unit("100m_cny", "cny", "1e8", "100 million CNY", "亿元", "亿元", "亿", "100m CNY"),
    _unit("usd", "usd", "1", "USD", "美元", "美元", "$"),
    _unit("1k_usd", "usd", "1e3", "thousand USD", "千美元", "千美元"),
    _unit("10k_usd", "usd", "1e4", "10,000 USD", "万美元", "万美元"),
    _unit("1m_usd", "usd", "1e6", "million USD", "百万美元", "百万美元"),
    _unit("100m_usd", "usd", "1e8", "100 million USD", "亿美元", "亿美元"),
    _unit("percent", "percent", "1", "%", "%", "%", "％", "per cent", "百分比"),
    _unit("percentage_points", "percentage_points", "1", "percentage points", "个百分点", "百分点", "个百分点", "pp"),
    _unit("ratio", "ratio", "1", "", "", "1"),
    _unit("count", "count", "1", "", "个", "个", "家", "项", "只", "条", "件", "户", "台", "套", "枚", "艘"),
    _unit("10k", "count", "1e4", "10,000", "万户", "万户", "万个", "万家"),
    _unit("persons", "persons", "1", "persons", "人", "人", "persons", "people"),
    _unit("10k_persons", "persons", "1e4", "10,000 persons", "万人", "万人"),
    _unit("m2", "m2", "1", "m²", "平方米", "平方米", "m²", "㎡", "sq m"),
    _unit("10k_m2", "m2", "1e4", "10,000 m²", "万平方米", "万平方米", "10k m2"),
    _unit("km2", "m2", "1e6", "km²", "平方公里", "平方公里", "平方千米", "km²"),
    _unit("mu", "mu", "1", "mu", "亩", "亩"),
    _unit("km", "km", "1", "km", "公里", "公里", "千米"),
    _unit("tonnes", "tonnes", "1", "tonnes", "吨", "吨", "t"),
    _unit("10k_tonnes", "tonnes", "1e4", "10,000 tonnes", "万吨", "万吨"),
    _unit("million_tonnes", "tonnes", "1e6", "million tonnes", "百万吨", "百万吨"),
    _unit("tonnes_per_year", "tonnes_per_year", "1", "tonnes a year", "吨/年", "吨/年"),
    _unit("10k_tonnes_per_year", "tonnes_per_year", "1e4", "10,000 tonnes a year", "万吨/年", "万吨/年"),
    _unit("tonnes_per_day", "tonnes_per_day", "1", "tonnes a day", "吨/日", "吨/日", "吨/天"),
    _unit("vehicles", "vehicles", "1", "vehicles", "辆", "辆"),
    _unit("10k_vehicles", "vehicles", "1e4", "10,000 vehicles", "万辆", "万辆"),
    _unit("kwh", "kwh", "1", "kWh", "千瓦时", "千瓦时", "度", "kWh"),
    _unit("10k_kwh", "kwh", "1e4", "10,000 kWh", "万千瓦时", "万千瓦时", "万度"),
    _unit("100m_kwh", "kwh", "1e8", "100 million kWh", "亿千瓦时", "亿千瓦时", "亿度"),
    _unit("rank", "rank", "1", "", "位", "位", "名"),
    _unit("hours", "hours", "1", "hours", "小时", "小时", "h", "hours"),
    _unit("days", "days", "1", "days", "天", "天", "日", "days"),
    _unit("text", "text", "1", "", "", ""),
)

UNITS: dict[str, Unit] = {unit.id: unit for unit in _TABLE}
_NAMES: dict[str, Unit] = {name: unit for unit in _TABLE for name in (unit.id, *unit.aliases) if name}


def unit_named(name: str) -> Unit | None:
    """The unit of that id or alias, or None: an unknown unit is refused by the caller, never guessed."""
    return _NAMES.get(name.strip())
