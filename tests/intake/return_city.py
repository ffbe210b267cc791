"""A small city with two collections, a ledger with two enterprises and a project, and returns to fill in."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from intake_city import CITY

from shazhou.city.folder import parse_city
from shazhou.city.model import City
from shazhou.intake.entity import Names
from shazhou.intake.load import load_definitions, load_file
from shazhou.intake.returned import Cell, Return
from shazhou.ledger.ledger import Ledger

VARIABLES = """
revenue: {name: {zh: 营业收入, en: Revenue}, measure: flow, unit: 100m_cny, of: [enterprise], minimum: 0}
rd: {name: {zh: 研发投入, en: R&D spending}, measure: flow, unit: 10k_cny, of: [enterprise], minimum: 0}
grade: {name: {zh: 等级, en: Grade}, measure: attribute, type: text, of: [enterprise], values: [有, 无]}
owner: {name: {zh: 项目单位, en: Owner}, measure: attribute, type: text, of: [project]}
spent: {name: {zh: 完成投资, en: Spent}, measure: flow, unit: 10k_cny, of: [project], frequency: M, minimum: 0}
due: {name: {zh: 应报, en: Due}, measure: flow, unit: count, type: integer, of: [enterprise], minimum: 0, maximum: 1}
came: {name: {zh: 已报, en: Came}, measure: flow, unit: count, type: integer, of: [enterprise], minimum: 0, maximum: 1}
soon: {name: {zh: 及时, en: Soon}, measure: flow, unit: count, type: integer, of: [enterprise], minimum: 0, maximum: 1}
"""
SOURCES = """\
precedence: [{id: official, name: {zh: 官方, en: Official}}, {id: returns, name: {zh: 报表, en: Returns}}]
sources:
  bureau: {title: Statistical bureau, rank: official, date: "2022-05-19", address: "https://example.org/a"}
  firm: {title: The firm itself, rank: official}
  returns: {title: Annual return, rank: returns, public: false}
  desk: {title: Desk register, rank: official, public: false}
"""
COLLECTIONS = """\
annual:
  name: {zh: 年报, en: Annual return}
  of: enterprise
  variables: [revenue, rd, staff, grade]
  required: [revenue, staff]
  frequency: A
  deadline: 90
  lock: 30
  first: "2024"
  steps: [town, bureau]
  source: returns
  accounts: {due: due, received: came, in_time: soon, source: desk}
  minutes: 10
  rules:
    - id: rd_within_revenue
      check: value(rd) <= value(revenue)
      severity: error
      why: {zh: 研发投入是支出的一部分。, en: R&D is part of what is spent.}
      advice: {zh: 请核对单位。, en: Compare the units.}
    - id: rd_not_doubled
      check: value(rd) <= 2 * (value(rd) - difference(value(rd)))
      severity: warning
      why: {zh: 很少翻倍。, en: It rarely doubles.}
      advice: {zh: 请核对上年。, en: Compare the year before.}
monthly:
  name: {zh: 月报, en: Monthly report}
  of: project
  filled_by: owner
  variables: [spent]
  frequency: M
  deadline: 10
  lock: 20
  first: 2025-01
  steps: [bureau]
  source: returns
"""
INDICATORS = """\
complete: {name: {zh: 报送率, en: Complete}, formula: "share(sum(came), sum(due))", unit: percent, decimals: 1}
timely: {name: {zh: 及时率, en: Timely}, formula: "share(sum(soon), sum(due))", unit: percent, decimals: 1}
rd_total: {name: {zh: 研发, en: R&D}, formula: sum(rd), unit: 10k_cny, decimals: 0}
"""
FIRMS = """\
title: {zh: 企业, en: Firms}
entity: {kind: enterprise, key: {column: name}, create: true}
observations:
  - {variable: name, text: {column: name}, period: "2024"}
  - {variable: place, text: {column: town}, period: "2024"}
  - {variable: size, text: {column: size}, period: {column: since}}
"""
PROJECTS = """\
title: {zh: 项目, en: Projects}
entity: {kind: project, key: {column: name}, create: true}
observations:
  - {variable: name, text: {column: name}, period: "2024"}
  - {variable: place, text: {column: town}, period: "2024"}
  - {variable: owner, text: {column: owner}, period: "2024"}
"""
KNOWN = """\
title: {zh: 公开数据, en: Published}
entity: {kind: enterprise, key: {column: name}}
observations:
  - variable: {column: variable}
    value: {column: value}
    unit: {column: unit}
    period: {column: period}
"""
PLAIN = """\
title: {zh: 文本, en: Texts}
entity: {kind: enterprise, key: {column: entity}}
observations:
  - {variable: {column: variable}, text: {column: value}, period: {column: period}}
"""
ZONE = ZoneInfo("Asia/Shanghai")
IN_TIME = datetime(2026, 3, 20, 10, tzinfo=ZONE)


def return_city(collections: str = COLLECTIONS) -> City:
    """The city with these collections."""
    texts = {
        "variables.yaml": CITY.files["variables.yaml"].decode() + VARIABLES,
        "sources.yaml": SOURCES,
        "collections.yaml": collections,
        "indicators.yaml": INDICATORS,
        "mappings/firms.yaml": FIRMS,
        "mappings/projects.yaml": PROJECTS,
        "mappings/known.yaml": KNOWN,
        "mappings/plain.yaml": PLAIN,
    }
    return parse_city(CITY.files | {name: text.encode() for name, text in texts.items()})


RETURN_CITY = return_city()


def return_ledger(folder: Path) -> Ledger:
    """A ledger of one's own with enterprises 甲, 乙 and 丙, two projects, and what is published of 甲."""
    return Ledger.open(shutil.copytree(_first_ledger().folder, folder / "ledger"))


@cache
def _first_ledger() -> Ledger:
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    ledger = Ledger.create(folder / "ledger")
    load_definitions(ledger, RETURN_CITY, "tester")
    documents = {
        "firms": "name,town,size,since\n甲,东镇,large,2024\n乙,西镇,small,2024\n丙,,large,2027\n",
        "projects": "name,town,owner\n新厂,西镇,甲\n码头,,港口公司\n",
        "known": "name,variable,value,unit,period\n甲,revenue,12.5,亿元,2025\n甲,rd,约3000,万元,2024\n",
    }
    for mapping, text in documents.items():
        file = folder / f"{mapping}.csv"
        file.write_text(text)
        load_file(ledger, RETURN_CITY, file, mapping, "bureau")
    return ledger


def entity(ledger: Ledger, name: str, kind: str = "enterprise") -> str:
    """The id of the entity of a name."""
    (found,) = Names.of(RETURN_CITY, ledger).entities(kind, name)
    return found


def annual(about: str, submitted: datetime | None = None, revision: int = 1, **cells: str | Cell) -> Return:
    """A return for 2025: ``revenue="12 亿元"``."""
    typed: dict[str, Any] = {name: said if isinstance(said, Cell) else Cell(given=said) for name, said in cells.items()}
    return Return(collection="annual", entity=about, period="2025", revision=revision, cells=typed, submitted=submitted)
