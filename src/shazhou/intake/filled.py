"""The mapping ``template``, which every city has: filled-in templates come back through it."""

from __future__ import annotations

COLUMNS = (
    *("entity", "entity_name", "industry", "variable", "variable_name", "period", "kind"),
    *("value", "unit", "qualifier", "status", "source", "source_date", "source_address", "note"),
)
"""Columns of a template, in their order."""

SHEET = "data"

TITLES = 1
"""Rows under the header that explain it."""

MAPPING = f"""\
title: {{zh: 填报表, en: Filled-in template}}
read: {{sheet: {SHEET}, header: 1, titles: {TITLES}}}
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
    source_date: {{column: source_date}}
    source_address: {{column: source_address}}
    note: {{column: note}}
    label: {{column: variable_name}}
ignored:
  entity_name: the name of the entity, for people; the id counts
""".encode()
"""The mapping, in the form of a file of ``mappings/``."""
