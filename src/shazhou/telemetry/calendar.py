"""Working hours, as a gateway and the city's side read them: see `shazhou.city.calendar`."""

from shazhou.city.calendar import DAYS, NOT_A_SHIFT, Calendar, Shift

__all__ = ["DAYS", "NOT_A_SHIFT", "Calendar", "Shift"]
