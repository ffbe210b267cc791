"""What goes wrong with a factory's signals, by accident (faults) or on purpose (frauds), each with its label.

A trouble changes what a factory's source says; nothing else of the agent knows of it. `KINDS` names them as a command
asks for them; a label names the doubt or the missing level that a verdict should come to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.telemetry.fleet.life import Life, Values
from shazhou.telemetry.sparkplug.payload import BAD, GOOD

HOUR = 3_600_000


@dataclass(frozen=True)
class Said:
    """What a source says of a machine at a moment: values (None: nothing), the time given for them, quality."""

    values: Values | None
    at: int
    quality: int = GOOD


Telling = Callable[[int], Said]
"""What is said at a moment in milliseconds since 1970 UTC."""


def honest(life: Life) -> Telling:
    """A machine whose source says what is so."""
    return lambda moment: Said(life.at(moment), moment)


def frozen(life: Life, began: int) -> Telling:
    """The control hangs: the values of its last moment come again with new times."""
    return lambda moment: Said(life.at(min(moment, began)), moment)


def bad(life: Life, began: int) -> Telling:
    """The wiring is broken: values come, and say of themselves that they are bad."""
    return lambda moment: Said(life.at(moment), moment, BAD if moment >= began else GOOD)


def clock(life: Life, began: int) -> Telling:
    """The machine's clock is three hours slow."""
    return lambda moment: Said(life.at(moment), moment - (3 * HOUR if moment >= began else 0))


def silent(life: Life, began: int) -> Telling:
    """The machine's cable is out: the gateway lives and hears nothing."""
    return lambda moment: Said(life.at(moment) if moment < began else None, moment)


def cached(life: Life, began: int) -> Telling:
    """The gateway takes values on the hour and serves them from its cache, with new times, for the rest of it."""
    return lambda moment: Said(life.at(moment if moment < began else moment - moment % HOUR), moment)


def replayed(life: Life, began: int) -> Telling:
    """A recorded hour is played again and again; its meters go on from round to round as if items were made."""

    def tell(moment: int) -> Said:
        if moment < began:
            return Said(life.at(moment), moment)
        rounds, into = divmod(moment - began, HOUR)
        first, last = life.at(began - HOUR), life.at(began)
        values = life.at(began - HOUR + into)
        for meter in ("Count/Total", "Count/Good", "Energy/Active"):
            values[meter] += (last[meter] - first[meter]) * (rounds + 1)
        return Said(values, moment)

    return tell


def regular(life: Life, began: int) -> Telling:
    """A program plays a machine: always executing, an item exactly every cycle, power without a tremor."""

    def tell(moment: int) -> Said:
        if moment < began:
            return Said(life.at(moment), moment)
        values, start = life.at(moment), life.at(began)
        made = int((moment - began) / 1000 / life.machine.cycle)
        power = life.machine.power
        energy = start["Energy/Active"] + power * (moment - began) / HOUR
        values |= {"State": 3, "Operation Mode": 3, "Power/Active": power, "Energy/Active": round(energy, 4)}
        values |= {"Count/Total": start["Count/Total"] + made, "Count/Good": start["Count/Good"] + made}
        values |= {"Tag/Temperature": 64.0, "Tag/Speed": round(60 / life.machine.cycle, 3)}
        return Said(values, moment)

    return tell


FAULTS: Mapping[str, Callable[[Life, int], Telling]] = {
    "frozen": frozen,
    "bad": bad,
    "clock": clock,
    "silent": silent,
}
"""By accident."""

FRAUDS: Mapping[str, Callable[[Life, int], Telling] | None] = {
    "cached": cached,
    "replay": replayed,
    "regular": regular,
    "clone": None,
    "shared-gateway": None,
}
"""On purpose. A clone tells the life of another factory's machines, and factories of a shared gateway name the same
hardware: neither is a way of telling one machine's life."""

NOT_A_TROUBLE = Rule(
    "fleet-trouble",
    "{found} is no fault or fraud of a fleet.",
    "{found} 不是模拟工厂的故障或造假。",
    "Write kind=number of factories, of: {allowed}.",
    "请写成 种类=工厂数，种类为：{allowed}。",
)


def parse(text: str, kinds: Sequence[str]) -> dict[str, int]:
    """How many factories of each kind a text such as ``frozen=3,clock=1`` asks for.

    Raises:
        Refused: with each part that is not of the kinds.
    """
    wanted: dict[str, int] = {}
    problems = []
    for part in filter(None, (each.strip() for each in text.split(","))):
        kind, _, number = part.partition("=")
        if kind in kinds and number.isdecimal():
            wanted[kind] = int(number)
        else:
            problems.append(Problem(NOT_A_TROUBLE, Where(), part, {"allowed": ", ".join(kinds)}))
    if problems:
        raise Refused(problems)
    return wanted


def dealt(wanted: Mapping[str, int], factories: Sequence[str], seed: int) -> dict[str, str]:
    """Kind of trouble by factory: drawn, none twice; as many as there are where more are wanted."""
    free = list(factories)
    Random(f"{seed}/troubles").shuffle(free)
    return {free.pop(): kind for kind, number in wanted.items() for _ in range(min(number, len(free)))}
