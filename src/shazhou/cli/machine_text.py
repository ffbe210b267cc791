"""How the wall of enterprises, a month of one and a day of a machine are printed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from shazhou.city.model import City
from shazhou.city.problem import Language
from shazhou.cli.printing import aligned
from shazhou.telemetry.presence.level import LEVELS
from shazhou.telemetry.presence.reasons import REASONS
from shazhou.telemetry.wall.day import Day
from shazhou.telemetry.wall.month import Challenge, Gap, Machine, Month
from shazhou.telemetry.wall.promise import promised
from shazhou.telemetry.wall.standing import NOT_ENROLLED, Standing, Wall, by_level, why_not

STATES = (("不可用", "not available"), ("停用", "out of service"), ("未运行", "not executing"), ("运行", "executing"))
ORIGINS = {"simulated": ("模拟", "simulated"), "recorded": ("录制", "recorded")}


def wall_text(wall: Wall, listed: Iterable[Standing], city: City, spoken: Language) -> str:
    """Counts of all enterprises of the register, why the rest are not online, and those that were asked for."""
    english, goal = spoken == "en", promised(city)
    host = ("running" if english else "运行中") if wall.running else _since(wall.heard, city.zone, english)
    many, marks = len(wall.standings), "".join(_mark(each, english) for each in sorted(wall.origins))
    lines = [
        f"{goal} promised, {wall.online} online in {wall.month}, {many} registered; host {host}{marks}"
        if english
        else f"承诺 {goal} 家，{wall.month} 在线 {wall.online} 家，登记 {many} 家；主机{host}{marks}"
    ]
    counts = by_level(wall.standings).items()
    lines += ["  ".join(f"L{level} {LEVELS[level][spoken]} {count}" for level, count in counts)]
    lines += [f"{count:>5}  {reason(code, spoken)}" for code, count in why_not(wall.standings, goal)]
    if wall.unknown:
        lines += [f"{'not in the register' if english else '不在登记中'}: {', '.join(wall.unknown)}"]
    seats = _seats(listed, city, spoken)
    return "\n".join([*lines, "", seats] if seats else lines)


def month_text(of: Standing, told: Month, city: City, spoken: Language) -> str:
    """A month of an enterprise: days by hours of levels, doubts, gaps, challenges, machines."""
    english = spoken == "en"
    verdict = ("online" if english else "在线") if of.online else reason(of.reason, spoken)
    days = f"{of.days} {'days' if english else '天'}"
    lines = [f"{_name(of, spoken)}  L{of.level}  {told.month}: {verdict} ({days}){_mark(of.origin, english)}", ""]
    lines += _heat(told) or ["nothing was computed" if english else "暂无数据"]
    for doubt in told.doubts:
        evidence = "  ".join(f"{key}={value}" for key, value in doubt["evidence"].items())
        span = _span(doubt["start"], doubt["stop"], city.zone)
        lines += [f"! {reason('doubt-' + doubt['kind'], spoken)}  {doubt['device']}  {span}  ≤L{doubt['lowers_to']}"]
        lines += [f"  {evidence}"] if evidence else []
    lines += [_gap(gap, city.zone, english) for gap in told.gaps]
    lines += [_challenges(told.challenges, english)]
    return "\n".join([*lines, *map(_machine, told.machines)])


def day_text(told: Day, zone: str, spoken: Language) -> str:
    """A day of a machine, hour by hour."""
    english = spoken == "en"
    if not told.hours:
        return f"{told.device}  {told.day}: {'nothing was heard' if english else '未收到数据'}"
    states = [f"{each[english]} min" if english else f"{each[english]} 分" for each in STATES]
    rows = [["", *states, *(("pieces", "good", "kWh") if english else ("件数", "合格", "千瓦时"))]]
    for hour in told.hours:
        meters = (hour.total, hour.good_count, hour.energy)
        seconds = (f"{each / 60:.1f}" for each in hour.seconds)
        rows.append([_clock(hour.start, zone, "%H:%M"), *seconds, *map(_amount, meters)])
    lines = [f"{told.device}  {told.day}{_mark(told.origin, english)}", aligned(rows, set(range(1, 8)))]
    if told.unsigned or told.doubted:
        lines += [
            f"in no sum: {told.unsigned} min without the enterprise's signature, {told.doubted} min in doubt"
            if english
            else f"不计入合计：{told.unsigned} 分钟没有企业签名，{told.doubted} 分钟存疑"
        ]
    return "\n".join(lines)


def reason(code: str, spoken: Language) -> str:
    """Why something is not online."""
    if code == NOT_ENROLLED:
        return "Promised, but in no register." if spoken == "en" else "已承诺，但不在接入登记中。"
    return REASONS[code].says(spoken) if code in REASONS else code


def _seats(listed: Iterable[Standing], city: City, spoken: Language) -> str:
    """A line for each enterprise; nothing for none."""
    english = spoken == "en"
    titles = ["node", "level", "last heard", "days", "online", "town", "industry", "name", ""]
    rows = [titles if english else ["节点", "等级", "最近收到", "达标天数", "在线", "区镇", "产业", "名称", ""]]
    for each in listed:
        town, industry = city.places.get(each.town), city.industries.get(each.industry)
        rows.append(
            [
                each.node,
                f"L{each.level}{'!' if each.level < each.before else ''}",
                _clock(each.last, city.zone) if each.last is not None else "—",
                str(each.days),
                "✓" if each.online else "—",
                town.name.of(spoken) if town else each.town or "—",
                industry.name.of(spoken) if industry else each.industry or "—",
                _name(each, spoken),
                _mark(each.origin, english).strip(),
            ]
        )
    return aligned(rows, {3}) if len(rows) > 1 else ""


def _heat(told: Month) -> list[str]:
    """Days by hours of levels; ``!`` behind one that doubts lowered, a dot where nothing is known."""
    known = [(date, hours) for date, hours in told.days if any(hours)]
    lines = [f"{'':7}{''.join(f'{hour:<6}' for hour in range(0, 24, 3))}".rstrip()] if known else []
    for date, hours in known:
        cells = ("· " if each is None else f"{each.level}{'!' if each.level < each.before else ' '}" for each in hours)
        lines.append(f"{date:%m-%d}  {''.join(cells)}".rstrip())
    return lines


def _gap(gap: Gap, zone: str, english: bool) -> str:
    if gap.kind == "offline":
        what = "offline" if english else "离线"
    else:
        what = f"{gap.missing} messages lost" if english else f"丢失 {gap.missing} 条消息"
    return f"- {_span(gap.start, gap.stop, zone)}  {what}"


def _challenges(found: Iterable[Challenge], english: bool) -> str:
    asked = list(found)
    passed = sum(each.passed is True for each in asked)
    return f"{'challenges passed' if english else '通过抽查'}: {passed} / {len(asked)}"


def _machine(each: Machine) -> str:
    hours = f"{each.executing / 3600:,.1f} h"
    return f"  {each.device}  {hours}  {_amount(each.total)}  {_amount(each.energy)} kWh"


def _name(of: Standing, spoken: Language) -> str:
    return of.name.get(spoken) or of.name.get("zh") or of.name.get("en") or of.node


def _mark(origin: str, english: bool) -> str:
    return f"  [{ORIGINS[origin][english]}]" if origin else ""


def _since(heard: int | None, zone: str, english: bool) -> str:
    if heard is None:
        return "has never run here" if english else "从未在此运行"
    return f"not running, last heard {_clock(heard, zone)}" if english else f"未运行，最近收到 {_clock(heard, zone)}"


def _span(start: int, stop: int | None, zone: str) -> str:
    return f"{_clock(start, zone)} – {'…' if stop is None else _clock(stop, zone)}"


def _amount(value: float | None) -> str:
    return "—" if value is None else f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"


def _clock(at: int, zone: str, form: str = "%Y-%m-%d %H:%M") -> str:
    return datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).strftime(form)
