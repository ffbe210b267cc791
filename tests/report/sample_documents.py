"""Documents made by hand, for tests of what prints them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from shazhou.city.problem import Language
from shazhou.measure.figure import Citation, Figure, Statement
from shazhou.report.document import (
    Block,
    Chart,
    Cover,
    Document,
    Entry,
    Heading,
    Items,
    Number,
    Paragraph,
    Quote,
    Strong,
    Table,
    Term,
    Words,
)

HEAD = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
COVERS = {
    "zh": Cover("沙洲市2021年产业创新工作报告", "沙洲市", 2021, HEAD, "2022-03-01T08:00:00+00:00", "1a2b3c4d"),
    "en": Cover("Work report 2021 of Shazhou", "Shazhou", 2021, HEAD, "2022-03-01T08:00:00+00:00", "1a2b3c4d"),
}
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="160" viewBox="0 0 400 160">'
    '<rect x="40" y="20" width="60" height="120" fill="#1f4e79"/><rect x="140" y="60" width="60" height="80"/>'
    '<text x="40" y="155" font-family="Noto Sans SC" font-size="12">2020年</text></svg>'
)
SOURCE = Citation(
    "2021年沙洲市国民经济和社会发展统计公报", "2022-02-28", "https://example.org/tjgb/2021/" + "0123456789" * 12
)


def figure(value: str, indicator: str = "gdp", unit: str = "100m_cny", **other: object) -> Figure:
    """A figure of the sample city in 2021."""
    plain = Figure(
        indicator=indicator,
        place="320582",
        industry="",
        period="2021",
        value=Decimal(value),
        unit=unit,
        decimals=2,
        kind="actual",
        status="actual",
        qualifier="",
        observations=1,
        contributors=1,
        sources=(SOURCE,),
        disputed=False,
        others=(),
        simulated=False,
        recorded=False,
        break_in_series=False,
        head=HEAD,
        definitions="1a2b3c4d",
    )
    return replace(plain, **other)  # type: ignore[arg-type]


def quote(number: int, digits: str, unit: str = "亿元", marks: tuple[str, ...] = (), **other: object) -> Quote:
    """A quote whose digits stand there as given."""
    value = figure(digits.replace(",", ""), indicator=f"indicator_{number}")
    plain = Quote(value, number, digits, False, 8, -6, unit=unit, marks=marks, brief=marks)
    return replace(plain, **other)  # type: ignore[arg-type]


def entry(one: Quote, name: str = "地区生产总值") -> Entry:
    return Entry(one, name, "value(gdp)", "沙洲市", "", "2021年", "实际")


def document(
    blocks: Iterable[Block], quotes: Iterable[Quote] = (), language: Language = "zh", name: str = "地区生产总值"
) -> Document:
    """A document of ``blocks`` whose appendix lists ``quotes``."""
    return Document(language, COVERS[language], tuple(blocks), tuple(entry(each, name) for each in quotes))


def full(language: Language = "zh") -> Document:
    """A document with every kind of block."""
    chinese = language == "zh"

    def words(zh: str, en: str) -> Words:
        return Words(zh if chinese else en)

    unit = "亿元" if chinese else " billion yuan"
    gdp = quote(1, "3030.21", unit, ("预计数" if chinese else "expected",))
    disputed = Statement(Decimal("1302"), ">", Citation("政府工作报告" if chinese else "Government work report"))
    firms = quote(2, "1300", "家", before="超" if chinese else "over ")
    firms = replace(firms, figure=replace(firms.figure, unit="count", disputed=True, others=(disputed,)))
    growth = quote(3, "0.8", "%", ("按可比价",) if chinese else ("at comparable prices",), negative=True)
    output = [quote(number, f"{number * 97}.{number % 10}", unit) for number in range(4, 44)]
    table = Table(
        (words("各行业产值（亿元）", "Output by industry (billion yuan)"),),
        ((words("行业", "Industry"),), (Term("2020", "period"),), (Term("2021", "period"),)),
        tuple(
            (
                (words("高端纺织与新材料", "High-end textiles and new materials"),),
                (Number(one, True),),
                (Number(two, True),) if at else (words("—", "—"),),
            )
            for at, (one, two) in enumerate(zip(output[::2], output[1::2], strict=True))
        ),
        source=(words("来源：", "Source: "), Term(SOURCE.title if chinese else "Statistical bulletin", "source")),
    )
    small = replace(table, rows=table.rows[:2], of_chart=True)
    blocks: tuple[Block, ...] = (
        Heading(1, (words("沙洲市2021年产业创新工作报告", "Work report 2021 of Shazhou"),)),
        Heading(2, (words("创新能力", "Capability to innovate"),)),
        Paragraph(
            (
                words("地区生产总值", "Gross domestic product was "),
                Number(gdp),
                words("，下降", ", down "),
                Number(growth),
                words("；企业", "; enterprises: "),
                Strong((Number(firms),)),
                words("。", "."),
            )
        ),
        Paragraph((words("尚无研发投入的证据，待报送。", "No evidence yet of research spending."),), gap=True),
        Heading(4, (words("行业", "Industries"),)),
        Items(((words("冶金新材料", "Metallurgy"),), (words("智能装备", "Equipment"), Number(gdp)))),
        table,
        Chart((words("产值", "Output"),), SVG, "产值的柱图" if chinese else "Bars of output", small),
    )
    return document(blocks, [gdp, firms, growth, *output], language)
