"""A small city with every kind of variable, and ways to load documents into it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pyarrow as pa

from shazhou.city.folder import parse_city
from shazhou.city.model import City
from shazhou.city.problem import Problem, Refused
from shazhou.intake.door import Prepared, delivery_of, understood
from shazhou.intake.entity import Names

_FILES = {
    "city.yaml": """\
id: tiny
name: {zh: 小城, en: Tiny}
code: "320582"
root: "320582"
currency: cny
languages: [zh, en]
zone: Asia/Shanghai
presence: {days: 20}
release: {contributors: 3, largest_share: 0.85}
evidence: []
""",
    "places.csv": """\
key,name_zh,name_en,kind,parent,code,aliases,latitude,longitude,outline,source,note
320582,小城,Tiny,city,,320582,city,,,,,
east,东镇,East Town,town,320582,320582100,twin|东,,,,,
west,西镇,West Town,town,320582,320582101,twin,,,,,
""",
    "industries.yaml": """\
steel: {name: {zh: 冶金, en: Metallurgy}, codes: ["31"], aliases: [钢铁]}
textiles: {name: {zh: 纺织, en: Textiles}, codes: ["17"]}
""",
    "variables.yaml": """\
gdp: {name: {zh: 地区生产总值, en: GDP}, measure: flow, unit: 100m_cny, minimum: 0}
output: {name: {zh: 产值, en: Output}, measure: flow, unit: cny, of: [enterprise, place]}
share: {name: {zh: 占比, en: Share}, measure: rate, unit: percent, minimum: 0, maximum: 100}
staff: {name: {zh: 人数, en: Staff}, measure: stock, unit: persons, type: integer, of: [enterprise, place], minimum: 0}
name: {name: {zh: 名称, en: Name}, measure: attribute, type: text, of: [enterprise, project]}
alias: {name: {zh: 别名, en: Alias}, measure: attribute, type: text, of: [enterprise, project]}
same_as: {name: {zh: 同一主体, en: Same as}, measure: attribute, type: text, of: [enterprise]}
not_same_as: {name: {zh: 非同一主体, en: Not same as}, measure: attribute, type: text, of: [enterprise]}
name_en: {name: {zh: 英文名, en: English name}, measure: attribute, type: text, of: [enterprise]}
uscc: {name: {zh: 信用代码, en: Credit code}, measure: attribute, type: code, code: uscc, of: [enterprise]}
stock_code: {name: {zh: 证券代码, en: Stock code}, measure: attribute, type: code, code: stock, of: [enterprise]}
industry_code: {name: {zh: 行业, en: Industry}, measure: attribute, type: code, code: gbt4754, of: [enterprise]}
place: {name: {zh: 所在地, en: Place}, measure: attribute, type: text, code: place, of: [enterprise, project]}
industry: {name: {zh: 产业, en: Industry}, measure: attribute, type: text, code: industry, of: [enterprise]}
size: {name: {zh: 规模, en: Size}, measure: attribute, type: text, values: [large, small], of: [enterprise]}
since: {name: {zh: 成立, en: Since}, measure: attribute, type: date, of: [enterprise]}
""",
    "indicators.yaml": "{}\n",
    "targets.yaml": "{}\n",
    "sources.yaml": """\
precedence: [{id: official, name: {zh: 官方, en: Official}}]
sources:
  bureau: {title: Statistical bureau, rank: official, date: "2022-05-19", address: "https://example.org/a"}
  firm: {title: The firm itself, rank: official}
""",
    "classification.csv": "code,name\n31,黑色金属冶炼\n3130,钢压延加工\n17,纺织业\n",
    "mappings/figures.yaml": """\
title: {zh: 数据, en: Figures}
entity:
  kind: place
  key: {column: place}
observations:
  - variable: {column: variable}
    value: {column: value}
    unit: {column: unit}
    period: {column: period}
    note: {column: note}
""",
    "mappings/firms.yaml": """\
title: {zh: 企业, en: Firms}
entity: {kind: enterprise, key: {column: name}, create: true}
observations:
  - {variable: name, text: {column: name}, period: "2021"}
  - {variable: uscc, text: {column: code}, period: "2021"}
  - {variable: place, text: {column: town}, period: "2021"}
  - {variable: staff, value: {column: staff}, period: "2021"}
""",
    "mappings/output.yaml": """\
title: {zh: 产值, en: Output}
entity: {kind: enterprise, key: {column: firm}, create: true}
observations:
  - {variable: output, value: {column: output}, unit: 万元, period: {column: period}}
""",
    "mappings/matches.yaml": """\
title: {zh: 核对, en: Matches}
entity: {kind: enterprise, key: {column: alias}}
observations:
  - {variable: same_as, text: {entity: {kind: enterprise, key: {column: same_as}}}, period: "2021"}
""",
    "mappings/rejected.yaml": """\
title: {zh: 否定, en: Rejected}
entity: {kind: enterprise, key: {column: alias}}
observations:
  - {variable: not_same_as, text: {entity: {kind: enterprise, key: {column: other}}}, period: "2021"}
""",
    "mappings/english.yaml": """\
title: {zh: 英文, en: English names}
entity: {kind: enterprise, key: [{column: zh}, {column: en}], create: true}
observations:
  - {variable: name, text: [{column: zh}, {column: en}], period: "2021"}
  - {variable: name_en, text: {column: en}, period: "2021"}
""",
}

FIRMS = "name,code,town,staff\n江苏沙钢集团有限公司,,,\n沙钢集团,,,\n永钢集团,,,\n"

HEADER = "place,variable,value,unit,period,note"


def city_with(**files: str) -> City:
    """The small city, with further or other mappings by name."""
    mappings = {f"mappings/{name}.yaml": text for name, text in files.items()}
    return parse_city({name: text.encode() for name, text in {**_FILES, **mappings}.items()})


def another_city() -> City:
    """The same folder under another city's id."""
    return parse_city({name: text.replace("id: tiny\n", "id: other\n").encode() for name, text in _FILES.items()})


def city_with_evidence(*documents: str, indicators: str = "{}\n") -> City:
    """The small city, with documents of output in its evidence and, if wanted, indicators."""
    listed = "".join(f"  - {{file: {name}, mapping: output, source: bureau}}\n" for name in documents)
    root = _FILES["city.yaml"].replace("evidence: []\n", f"evidence:\n{listed}")
    files = {**_FILES, "city.yaml": root, "indicators.yaml": indicators}
    return parse_city({name: text.encode() for name, text in files.items()})


CITY = city_with()


def prepared(
    content: str | bytes,
    mapping: str = "figures",
    file: str = "a.csv",
    source: str = "bureau",
    city: City = CITY,
    names: Names | None = None,
    origin: str = "",
) -> Prepared:
    """What a document states, read through the door."""
    data = content.encode() if isinstance(content, str) else content
    delivery = delivery_of(city, file, data, mapping, source, "tester", origin)
    return understood(city, names or Names(city), delivery, origin)


def names_of(*documents: tuple[str, str]) -> Names:
    """The names that documents state, each with its mapping."""
    names = Names(CITY)
    for mapping, text in documents:
        names.learn(prepared(text, mapping, names=names).stated)
    return names


def rows(ready: Prepared) -> list[dict[str, object]]:
    """The observations of a prepared document."""
    found: list[dict[str, object]] = pa.Table.from_batches(ready.batches()).to_pylist() if ready.count else []
    return found


def figures(*lines: str) -> str:
    """A CSV document of figures."""
    return "\n".join([HEADER, *lines]) + "\n"


def problems(*arguments: object, **options: object) -> tuple[Problem, ...]:
    """The problems for which a document is refused."""
    try:
        prepared(*arguments, **options)  # type: ignore[arg-type]
    except Refused as refused:
        return refused.problems
    raise AssertionError("the document was not refused")


def sheet(lines: Sequence[Sequence[object]], title: str = "data") -> openpyxl.Workbook:
    """A workbook with one sheet."""
    workbook = openpyxl.Workbook()
    workbook.worksheets[0].title = title
    for line in lines:
        workbook.worksheets[0].append(list(line))
    return workbook


def saved(workbook: openpyxl.Workbook) -> bytes:
    """A workbook's bytes."""
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


REPOSITORY = Path(__file__).parents[2]
