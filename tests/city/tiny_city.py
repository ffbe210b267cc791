"""A city folder in memory, as small as one can be with every kind of definition in it."""

from __future__ import annotations

FILES = {
    "city.yaml": """\
id: tiny
name: {zh: 小城, en: Tiny}
code: "320582"
root: "320582"
currency: cny
languages: [zh, en]
zone: Asia/Shanghai
presence: {days: 15}
release: {contributors: 3, largest_share: 0.85}
evidence:
  - {file: figures.csv, mapping: figures, source: communique}
""",
    "places.csv": """\
key,name_zh,name_en,kind,parent,code,aliases,latitude,longitude,outline,source,note
320582,小城,Tiny,city,,320582,city,31.8,120.5,outlines/tiny.geojson#320582,,
320582100,东镇,East Town,town,320582,320582100,town:东镇|东镇,,,,,"first line
second line"
""",
    "outlines/tiny.geojson": """\
{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"adcode": "320582"}, "geometry": null}]}
""",
    "industries.yaml": """\
metallurgy:
  name: {zh: 冶金, en: Metallurgy}
  group: established
  codes: ["31"]
""",
    "variables.yaml": """\
gdp:
  name: {zh: 地区生产总值, en: Gross domestic product}
  measure: flow
  unit: 100m_cny
  minimum: 0
gdp_growth:
  name: {zh: 增速, en: Growth}
  measure: rate
  unit: percent
  growth_of: gdp
name:
  name: {zh: 名称, en: Name}
  measure: attribute
  type: text
  of: [enterprise]
""",
    "indicators.yaml": """\
gdp:
  name: {zh: 地区生产总值, en: Gross domestic product}
  formula: value(gdp)
  unit: 100m_cny
  decimals: 2
""",
    "targets.yaml": """\
gdp_2025:
  name: {zh: 到2025年, en: By 2025}
  indicator: gdp
  place: "320582"
  value: 3000.5
  unit: 100m_cny
  direction: ">="
  period: "2025"
  source: communique
""",
    "sources.yaml": """\
precedence:
  - {id: official, name: {zh: 官方, en: Official}}
sources:
  communique:
    title: 公报
    rank: official
""",
    "classification.csv": "code,name\nC,制造业\n31,黑色金属冶炼\n3120,炼钢\n",
    "mappings/figures.yaml": "title: {zh: 数据, en: Figures}\n",
}


def tiny_city(**changes: str) -> dict[str, bytes]:
    """The files, some replaced: ``variables="…"`` replaces variables.yaml."""
    stems = {name.partition(".")[0]: name for name in FILES}
    texts = {**FILES, **{stems[stem]: text for stem, text in changes.items()}}
    return {name: text.encode() for name, text in texts.items()}
