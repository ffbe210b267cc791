"""The key performance indicators of a machine's day as a page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shazhou.city.calendar import Calendar
from shazhou.console.look.templatetags.shown import DASH
from shazhou.methods.iso22400 import Kpi
from shazhou.telemetry.kpi.machines import machine_kpis
from shazhou.telemetry.store.store import Store

NAMES: dict[str, Any] = {
    "availability": gettext_lazy("Availability"),
    "effectiveness": gettext_lazy("Effectiveness"),
    "quality_ratio": gettext_lazy("Quality ratio"),
    "oee": gettext_lazy("Overall equipment effectiveness (OEE)"),
    "utilisation_efficiency": gettext_lazy("Utilisation efficiency"),
    "allocation_efficiency": gettext_lazy("Allocation efficiency"),
    "mtbf": gettext_lazy("Mean time between failures"),
    "mttr": gettext_lazy("Mean time to repair"),
    "energy_per_unit": gettext_lazy("Energy per piece"),
}
UNITS = {"mtbf": ("h", 3600.0), "mttr": ("min", 60.0), "energy_per_unit": ("kWh", 1.0)}
"""Units of those that are no share, with what the value is divided by; all others are in percent."""


@dataclass(frozen=True)
class Line:
    """An indicator: its value with unit, and what is to be said of it (what is missing, or contradicts itself)."""

    name: str
    value: str
    unit: str
    note: str


def lines(store: Store, calendar: Calendar, node: str, device: str, start: int, stop: int) -> list[Line]:
    """The indicators of a machine from a moment to before another (ms, whole minutes); none where nothing was heard."""
    found = list(machine_kpis(store, lambda _node: calendar, start, stop, node, device))
    return [_line(name, found[0].kpis[name]) for name in NAMES] if found else []


def _line(name: str, kpi: Kpi) -> Line:
    unit, divisor = UNITS.get(name, ("%", 0.01))
    value = (
        DASH if kpi.value is None else f"{kpi.value / divisor:,.2f}" if unit == "kWh" else f"{kpi.value / divisor:,.1f}"
    )
    return Line(str(NAMES[name]), value, "" if kpi.value is None else unit, _note(kpi))


def _note(kpi: Kpi) -> str:
    if kpi.missing:
        return _("missing: %(elements)s") % {"elements": ", ".join(kpi.missing)}
    if kpi.undefined:
        return _("undefined, since %(elements)s is zero") % {"elements": ", ".join(kpi.undefined)}
    return _("over 100 %: what was told contradicts itself") if kpi.over_one else ""
