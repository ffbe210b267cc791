"""The report's text as HTML, in which every number opens its trail."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping

from django import template
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from shazhou.city.problem import Language
from shazhou.console.look.templatetags.shown import trail_address
from shazhou.report.document import Block, Chart, Count, Entry, Number, Quote, Run, Strong, Term, Words
from shazhou.report.words.printed import flowing, on_paper

register = template.Library()


@register.filter
def runs(written: Iterable[Run], language: Language) -> SafeString:
    """Runs of text in the report's language."""
    return format_html_join("", "{}", ((_run(each, language),) for each in written))


@register.filter
def subject_of(entry: Entry) -> str:
    """What an entry of the appendix is about."""
    return " · ".join(part for part in (entry.name, entry.place, entry.industry, entry.period, entry.kind) if part)


@register.filter
def number(entry: Entry, language: Language) -> SafeString:
    """The number of an entry, with unit and marks."""
    return runs((Number(entry.quote),), language)


@register.filter
def shape(block: Block) -> str:
    """What a block is: heading, paragraph, items, table or chart."""
    return type(block).__name__.lower()


@register.filter
def drawing(chart: Chart) -> str:
    """A chart's drawing as the address of a picture."""
    return f"data:image/svg+xml;base64,{b64encode(chart.svg.encode()).decode()}"


@register.filter
def at(found: Mapping[int, bool], number: int) -> bool:
    """What a table says of a number."""
    return found.get(number, False)


@register.filter
def step_in_words(step: str) -> str:
    """What the building of a report is at."""
    return {
        "starting": _("Starting"),
        "reading the template": _("Reading the template"),
        "computing figures": _("Computing the figures"),
        "checking": _("Checking"),
        "writing XHTML": _("Writing the page"),
        "writing DOCX": _("Writing the DOCX"),
        "writing PDF": _("Setting the PDF"),
        "keeping the figures quoted": _("Keeping the figures quoted"),
    }.get(step, step)


def _run(run: Run, language: Language) -> SafeString:
    match run:
        case Words(text):
            return conditional_escape(flowing(text, language))
        case Term(text, "formula"):
            return format_html("<code>{}</code>", text)
        case Term(text, what):
            return format_html('<span class="term-{}">{}</span>', what, flowing(text, language))
        case Strong(inner):
            return format_html("<strong>{}</strong>", runs(inner, language))
        case Number(quote) | Count(_, quote):
            return _linked(quote, run, language)


def _linked(quote: Quote, run: Number | Count, language: Language) -> SafeString:
    printed, address = on_paper(run, language), trail_address(quote.figure)
    tabular = isinstance(run, Number) and run.tabular
    mark = format_html('<sup><a href="#trail-{}" title="{}">{}</a></sup>', quote.number, _("trail"), quote.number)
    linked = format_html(
        '<a class="figure" href="{}" hx-get="{}" hx-target="#panel" data-figure="{}">{}</a>{}',
        address,
        address,
        quote.figure.id,
        printed.text,
        mark,
    )
    said = format_html('<span class="said">{}</span>', printed.marks) if printed.marks else SafeString("")
    return format_html("{} {}", said, linked) if tabular and said else format_html("{}{}", linked, said)
