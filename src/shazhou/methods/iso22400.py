"""Key performance indicators of manufacturing after ISO 22400-2, from time elements and quantities.

Elements are named as in the standard: times in seconds (PBT planned busy time, APT actual production time, AUST setup,
ADET delay, ADOT down time, AOET order execution time, PRI planned run time per item, TBF and TTR summed over the
window), quantities in pieces (PQ produced, GQ good, SQ scrap), FE the number of failures, E the energy in kWh. An
element that is not known is None or left out. Sums are made from their parts: AUPT = APT + AUST, AUBT = AUPT + ADET.

- **Missing**: an indicator whose elements are not all known has no value and names those that are missing.
- **Undefined**: nothing is divided by zero. Without planned busy time there is no availability, neither 1 (as one
  vendor's documentation has it) nor 0; the element that is zero is named.
- **Over one**: a share above 1 (more pieces than the planned run time allows, mostly a wrong PRI) is told as it is and
  flagged, never cut.

The standard itself was not read. Formulas are those of vendors' documentation, of OPC UA companion specifications
(OPC 40001-1, OPC 40501-1, informative annexes) and of a public implementation, which agree where several have one; each
function says how sure its formula is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite, prod

Elements = Mapping[str, float | None]
"""Elements by their name in the standard."""

SUMS = {
    "AUPT": ("APT", "AUST"),
    "AUBT": ("APT", "AUST", "ADET"),
    "APT + ADET": ("APT", "ADET"),
}
"""Elements that are made from others."""


@dataclass(frozen=True)
class Kpi:
    """A computed indicator: its value, or what it lacks.

    Attributes:
        missing: elements that are not known.
        undefined: elements that are zero where they divide.
        over_one: a share is more than 1: the elements contradict each other.
    """

    value: float | None
    missing: tuple[str, ...] = ()
    undefined: tuple[str, ...] = ()
    over_one: bool = False


def availability(elements: Elements) -> Kpi:
    """APT / PBT: the share of planned busy time in which the unit produced.

    Seen in: vendor's documentation (PTC ThingWorx), OPC 40501-1 C.2.4; exact.
    """
    return _share(elements, ("APT",), "PBT")


def effectiveness(elements: Elements) -> Kpi:
    """PRI * PQ / APT: planned time of what was produced to the time that it took.

    Seen in: vendor's documentation (PTC ThingWorx), OPC 40501-1 C.2.4; exact.
    """
    return _share(elements, ("PRI", "PQ"), "APT")


def quality_ratio(elements: Elements) -> Kpi:
    """GQ / PQ: the share of good pieces. Seen in: as `availability`; exact."""
    return _share(elements, ("GQ",), "PQ")


def oee(elements: Elements) -> Kpi:
    """Overall equipment effectiveness index: availability * effectiveness * quality ratio.

    A unit that produced nothing in its planned busy time has an OEE of 0, although its effectiveness is undefined: the
    product is PRI * GQ / PBT wherever it is defined. Seen in: as `availability`; exact.
    """
    return _product(availability(elements), effectiveness(elements), quality_ratio(elements))


def nee(elements: Elements) -> Kpi:
    """Net equipment effectiveness index: AUPT / PBT * effectiveness * quality ratio; set-up counts as use.

    Seen in: public implementation of the committee's text; exact.
    """
    return _product(_share(elements, ("AUPT",), "PBT"), effectiveness(elements), quality_ratio(elements))


def allocation_efficiency(elements: Elements) -> Kpi:
    """AUBT / PBT: the share of planned busy time in which the unit was busy with orders. Seen in: as `nee`; exact."""
    return _share(elements, ("AUBT",), "PBT")


def allocation_ratio(elements: Elements) -> Kpi:
    """AUBT / AOET: the share of an order's execution in which units were busy with it. Seen in: as `nee`; exact."""
    return _share(elements, ("AUBT",), "AOET")


def utilisation_efficiency(elements: Elements) -> Kpi:
    """APT / AUBT: the share of busy time in which the unit produced. Seen in: as `nee`; exact."""
    return _share(elements, ("APT",), "AUBT")


def technical_efficiency(elements: Elements) -> Kpi:
    """APT / (APT + ADET): production undisturbed by malfunctions. Seen in: as `nee`; exact."""
    return _share(elements, ("APT",), "APT + ADET")


def setup_ratio(elements: Elements) -> Kpi:
    """AUST / AUPT: the share of processing time that went into set-up. Seen in: as `nee`; exact."""
    return _share(elements, ("AUST",), "AUPT")


def scrap_ratio(elements: Elements) -> Kpi:
    """SQ / PQ. SQ is not PQ - GQ: pieces to be reworked are neither good nor scrap. Seen in: as `nee`; exact."""
    return _share(elements, ("SQ",), "PQ")


def mtbf(elements: Elements) -> Kpi:
    """Mean operating time between failures in seconds: sum of TBF / (FE + 1).

    FE failures cut a window into FE + 1 stretches. From memory of the 2014 edition; many systems divide by FE.
    """
    return _mean(elements, "TBF")


def mttr(elements: Elements) -> Kpi:
    """Mean time to repair in seconds: sum of TTR / (FE + 1). From memory of the 2014 edition; many divide by FE."""
    return _mean(elements, "TTR")


def energy_per_unit(elements: Elements) -> Kpi:
    """E / PQ in kWh per piece: comprehensive energy consumption with electricity as the only carrier, its conversion
    coefficient 1 and no exchange with the surroundings. Seen in: as `nee`, for all carriers; exact.
    """
    return _ratio(elements, ("E",), "PQ")


KPIS: dict[str, Callable[[Elements], Kpi]] = {
    function.__name__: function
    for function in (
        *(availability, effectiveness, quality_ratio, oee, nee, utilisation_efficiency, allocation_efficiency),
        *(allocation_ratio, technical_efficiency, setup_ratio, scrap_ratio, mtbf, mttr, energy_per_unit),
    )
}
"""All indicators by name."""


def kpis(elements: Elements) -> dict[str, Kpi]:
    """All indicators of one set of elements.

    Raises:
        ValueError: an element is negative, infinite or no number.
    """
    return {name: compute(elements) for name, compute in KPIS.items()}


def _share(elements: Elements, top: tuple[str, ...], bottom: str) -> Kpi:
    found = _ratio(elements, top, bottom)
    return Kpi(found.value, found.missing, found.undefined, found.value is not None and found.value > 1)


def _ratio(elements: Elements, top: tuple[str, ...], bottom: str) -> Kpi:
    missing = _missing(elements, (*top, bottom))
    if missing:
        return Kpi(None, missing)
    divisor = _value(elements, bottom)
    if divisor == 0:
        return Kpi(None, undefined=(bottom,))
    return Kpi(prod(_value(elements, name) for name in top) / divisor)


def _mean(elements: Elements, total: str) -> Kpi:
    missing = _missing(elements, (total, "FE"))
    return Kpi(None, missing) if missing else Kpi(_value(elements, total) / (_value(elements, "FE") + 1))


def _product(*factors: Kpi) -> Kpi:
    missing = tuple(dict.fromkeys(name for factor in factors for name in factor.missing))
    undefined = tuple(dict.fromkeys(name for factor in factors for name in factor.undefined))
    if missing:
        return Kpi(None, missing)
    if any(factor.value == 0 for factor in factors):
        return Kpi(0.0)
    if undefined:
        return Kpi(None, undefined=undefined)
    return Kpi(prod(factor.value or 0.0 for factor in factors), over_one=any(factor.over_one for factor in factors))


def _missing(elements: Elements, names: tuple[str, ...]) -> tuple[str, ...]:
    parts = (part for name in names for part in SUMS.get(name, (name,)))
    return tuple(dict.fromkeys(part for part in parts if elements.get(part) is None))


def _value(elements: Elements, name: str) -> float:
    """An element, or the sum that it is."""
    values = [elements[part] or 0.0 for part in SUMS.get(name, (name,))]
    if any(not isfinite(value) or value < 0 for value in values):
        raise ValueError(f"{name} is {sum(values)}: an element is a number, and not below zero")
    return sum(values)
