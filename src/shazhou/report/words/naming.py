"""Names in a report: of indicators, places, industries, periods, kinds and doors, in the report's language."""

from __future__ import annotations

from functools import cached_property

from shazhou.city.model import City
from shazhou.city.period import Period

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
KINDS = {"actual": ("实际", "actual"), "target": ("目标", "target"), "forecast": ("预计", "forecast")}
COURSES = {
    "reached": ("已达到", "reached"),
    "missed": ("未达到", "missed"),
    "on course": ("进度正常", "on course"),
    "behind": ("进度滞后", "behind"),
    "open": ("进行中", "under way"),
    "unproved": ("到期待证", "due, not yet proved"),
    "no evidence": ("暂无证据", "no evidence"),
}
DOORS = {
    "file": ("文件导入", "a loaded file"),
    "form": ("表单填报", "a form"),
    "telemetry": ("一张网（设备联网）", "telemetry"),
    "dataset": ("数据集", "a dataset"),
    "simulation": ("模拟", "a simulation"),
    "definitions": ("城市定义", "the city's definitions"),
}


class Names:
    """Looks names up in a city, in one language."""

    def __init__(self, city: City, language: str) -> None:
        self._city = city
        self.language = language

    def indicator(self, id: str) -> str:
        return self._city.indicators[id].name.of(self.language)

    def place(self, key: str) -> str:
        """A place's name, or the entity's id where it is none."""
        place = self._city.places.get(key)
        return place.name.of(self.language) if place else key

    def industry(self, key: str) -> str:
        industry = self._city.industries.get(key)
        return industry.name.of(self.language) if industry else key

    def within(self, key: str) -> str:
        """An industry's name within a sentence: English names begin small there, abbreviations excepted."""
        name = self.industry(key)
        return name[:1].lower() + name[1:] if name[1:2].islower() else name

    @cached_property
    def letters(self) -> str:
        """Every character of the city's names and of the words above."""
        city = self._city
        named = [each.name for each in city.indicators.values()]
        named += [each.name for each in city.targets.values()]
        named += [each.name for each in city.places.values()]
        named += [each.name for each in city.industries.values()]
        words = [pair[self.language == "en"] for pair in (*KINDS.values(), *COURSES.values(), *DOORS.values())]
        return "".join(sorted(set("".join([*words, *(name.of(self.language) for name in named)]))))

    def kind(self, kind: str) -> str:
        return KINDS[kind][self.language == "en"]

    def course(self, course: str) -> str:
        """The words for where a promise stands."""
        return COURSES[course][self.language == "en"]

    def door(self, door: str) -> str:
        """The words for a door; the city's own words where it says more than the door's name."""
        known = DOORS.get(door or "file")
        return known[self.language == "en"] if known else door

    def any(self, key: str) -> str | None:
        """The name of whatever has that key: the city, an indicator, place, industry or target."""
        if key == "city":
            return self._city.name.of(self.language)
        city = self._city
        for named in (city.indicators, city.places, city.industries, city.targets):
            if key in named:
                return named[key].name.of(self.language)
        return None

    def period(self, text: str) -> str:
        """A period in words: 2021年, 2021年上半年, January to June 2021."""
        period = Period.parse(text)
        return _chinese(period) if self.language == "zh" else _english(period)

    def joined(self, names: list[str]) -> str:
        """Names in a row, as the language joins them."""
        if self.language == "zh":
            return "、".join(names)
        return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def _chinese(period: Period) -> str:
    first, last = period.start, period.end
    match period.frequency:
        case "A":
            return f"{first.year}年"
        case "Q":
            return f"{first.year}年第{'一二三四'[(first.month - 1) // 3]}季度"
        case "M":
            return f"{first.year}年{first.month}月"
        case "D":
            return f"{first.year}年{first.month}月{first.day}日"
        case _ if first.day == 1 and first.year == last.year:
            return f"{first.year}年{first.month}—{last.month}月"
        case _ if first.day == 1 and first.month == 1 and last.month == 12:
            return f"{first.year}—{last.year}年"
        case _:
            return f"{first:%Y-%m-%d}至{last:%Y-%m-%d}"


def _english(period: Period) -> str:
    first, last = period.start, period.end
    match period.frequency:
        case "A":
            return f"{first.year}"
        case "Q":
            return f"Q{(first.month + 2) // 3} {first.year}"
        case "M":
            return f"{MONTHS[first.month - 1]} {first.year}"
        case "D":
            return f"{first.day} {MONTHS[first.month - 1]} {first.year}"
        case _ if first.day == 1 and first.year == last.year:
            return f"{MONTHS[first.month - 1]} to {MONTHS[last.month - 1]} {first.year}"
        case _ if first.day == 1 and first.month == 1 and last.month == 12:
            return f"{first.year}–{last.year}"
        case _:
            return f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"
