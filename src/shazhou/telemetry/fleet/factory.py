"""A simulated factory: where it is, when it works, and what machines it has. Number and seed decide everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from shazhou.telemetry.names import State

SHIFTS = (
    ("mon-fri 08:00-17:30",),
    ("mon-sat 08:00-18:00",),
    ("mon-sat 06:00-14:00", "mon-sat 14:00-22:00"),
    ("daily 00:00-24:00",),
    ("mon-fri 20:00-04:00", "mon-fri 08:00-16:00"),
)
"""Working hours that occur, one shift a day the most often."""

_WEIGHTS = (4, 4, 2, 2, 1)


@dataclass(frozen=True)
class Machine:
    """One machine. Times in seconds, power in kW; ``maintained`` is the weekday (0 is Monday) of its maintenance.

    ``seed`` is what its days are drawn from; two machines with the same seed and parameters live the same life.
    """

    key: str
    seed: str
    cycle: float
    """Planned run time per item."""
    power: float
    """Taken while executing."""
    scrap: float
    """Share of items that are not good, on average."""
    unreliable: float
    """Chance that a run ends in a breakdown."""
    maintained: int
    resting: State
    """State outside working hours: switched off altogether, or idle."""


@dataclass(frozen=True)
class Factory:
    """One simulated enterprise; ``key`` is its edge node id and follows ``enterprise:`` in the ledger."""

    key: str
    number: int
    town: str
    industry: str
    shifts: tuple[str, ...]
    machines: tuple[Machine, ...]

    @property
    def name(self) -> dict[str, str]:
        """What it is called: nobody takes it for a real one."""
        return {"zh": f"模拟工厂{self.number:03d}", "en": f"Simulated factory {self.number:03d}"}


def made(number: int, seed: int, towns: Sequence[str], industries: Sequence[str]) -> Factory:
    """The factory of a number (from 1 on), spread over keys of towns and industries."""
    key = f"sim{number:03d}"
    draw = Random(f"{seed}/{key}")
    machines = tuple(_machine(f"m{place + 1}", f"{seed}/{key}/m{place + 1}") for place in range(draw.randint(1, 3)))
    shifts = draw.choices(SHIFTS, _WEIGHTS)[0]
    return Factory(key, number, draw.choice(towns), draw.choice(industries), shifts, machines)


def _machine(key: str, seed: str) -> Machine:
    draw = Random(seed)
    return Machine(
        key,
        seed,
        cycle=round(draw.uniform(4, 90), 1),
        power=round(draw.lognormvariate(3.2, 0.8), 1),
        scrap=draw.uniform(0.002, 0.04),
        unreliable=draw.uniform(0.005, 0.06),
        maintained=draw.randrange(6),
        resting=draw.choice((State.NOT_AVAILABLE, State.NOT_EXECUTING)),
    )
