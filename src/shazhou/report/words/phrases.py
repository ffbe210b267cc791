"""The fixed words of a report that no template states: of the cover, the contents list and the trail appendix."""

from __future__ import annotations

from dataclasses import dataclass

from shazhou.city.problem import Language


@dataclass(frozen=True)
class Phrases:
    """Fixed words in one language. ``join`` stands between marks, ``open`` and ``close`` around them."""

    contents: str
    trail: str
    trail_intro: str
    year: str
    as_of: str
    head: str
    definitions: str
    id: str
    formula: str
    sources: str
    no_source: str
    others: str
    page: str
    separator: str
    semicolon: str
    join: str
    open: str
    close: str
    none: str


_CHINESE = Phrases(
    contents="目录",
    trail="附录：数值溯源",
    trail_intro="正文中每个数字右上角的编号对应本附录的一条。持有账本者可凭编号重新计算，结果必须一致。",
    year="年度",
    as_of="截至",
    head="账头",
    definitions="定义版本",
    id="数值编号",
    formula="公式",
    sources="来源",
    no_source="无引用来源",
    others="其他来源所述",
    page="第 {page} 页，共 {pages} 页",
    separator=" · ",
    semicolon="；",
    join="，",
    open="（",
    close="）",
    none="—",
)
_ENGLISH = Phrases(
    contents="Contents",
    trail="Appendix: the trail of every number",
    trail_intro="The raised mark beside each number of the report leads to its entry here. "
    "Whoever has the ledger can compute a figure again from its id and must get the same value.",
    year="Year",
    as_of="As of",
    head="Head",
    definitions="Definitions",
    id="Figure",
    formula="Formula",
    sources="Sources",
    no_source="no source cited",
    others="Other sources state",
    page="Page {page} of {pages}",
    separator=" · ",
    semicolon="; ",
    join=", ",
    open=" (",
    close=")",
    none="—",
)


def phrases(language: Language) -> Phrases:
    """The fixed words of a language."""
    return _CHINESE if language == "zh" else _ENGLISH
