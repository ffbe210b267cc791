"""The mapping ``template``, which every city has: filled-in templates come back through it."""

from __future__ import annotations

from collections.abc import Mapping

COLUMNS = (
    *("entity", "entity_name", "industry", "variable", "variable_name", "period", "kind"),
    *("value", "unit", "qualifier", "status", "source", "source_date", "source_address", "note"),
)
"""Columns of a template, in their order."""

SHEET = "data"

TITLES: Mapping[str, tuple[str, ...]] = {
    "zh": (
        *("主体编号", "主体名称", "产业编号", "指标项编号", "指标项", "时期", "类别"),
        *("数值或文字", "单位", "修饰", "状态", "来源标题", "来源日期", "来源网址", "备注"),
    ),
    "en": (
        *("entity id", "entity", "industry id", "variable id", "variable", "period", "kind"),
        *("value or text", "unit", "qualifier", "status", "source title", "source date", "source address", "note"),
    ),
}
"""The row under the header that explains it, by language."""

MAPPING = f"""\
title: {{zh: 填报表, en: Filled-in template}}
read: {{sheet: {SHEET}, header: 1, titles: 1, titled: [{", ".join(titles[0] for titles in TITLES.values())}]}}
entity:
  key: {{column: entity}}
observations:
  - variable: {{column: variable}}
    value: {{column: value}}
    unit: {{column: unit}}
    industry: {{column: industry}}
    period: {{column: period}}
    kind: {{column: kind}}
    qualifier: {{column: qualifier}}
    status: {{column: status}}
    source: {{column: source}}
    source_date: {{columns: [source_date, source], match: [{{pattern: '^(.*?) \\| .+$', becomes: '\\1'}}]}}
    source_address: {{columns: [source_address, source], match: [{{pattern: '^(.*?) \\| .+$', becomes: '\\1'}}]}}
    note: {{column: note}}
    label: {{column: variable_name}}
ignored:
  entity_name: the name of the entity, for people; the id counts
""".encode()
"""The mapping, in the form of a file of ``mappings/``. Date and address count with the source that they belong to."""
