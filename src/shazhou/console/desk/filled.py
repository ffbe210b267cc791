"""What was typed into a return, as the doors of the ledger know it."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import QueryDict

from shazhou.console.desk.asked import Asked
from shazhou.console.desk.models import Return
from shazhou.console.evidence import current, reporting
from shazhou.intake import returned as intake
from shazhou.intake.held import Prefilled, prefilled

Cells = Mapping[str, intake.Cell]


def known_of(asked: Asked) -> Mapping[str, Prefilled]:
    """What the ledger holds already, by variable: for the period, and for the one before."""
    held = reporting.held(asked.collection, asked.entity)
    return prefilled(current.city(), asked.collection, asked.period.text, held)


def blank(asked: Asked) -> dict[str, intake.Cell]:
    """The cells of a return that nobody has touched: what the ledger holds is filled in."""
    known = known_of(asked)
    found = {}
    for name in asked.collection.variables:
        now = known[name].now if name in known else None
        found[name] = intake.Cell(given="" if now is None else now.shown, prefilled=now is not None)
    return found


def kept(found: Return) -> dict[str, intake.Cell]:
    """The cells as they were saved; not those that the collection no longer asks for."""
    collection = reporting.collections().get(found.collection)
    return {
        cell.variable: intake.Cell(given=cell.text, unit=cell.unit, note=cell.note, prefilled=cell.prefilled)
        for cell in found.cells.all()
        if collection is None or cell.variable in collection.variables
    }


def begun(asked: Asked, found: Return | None) -> dict[str, intake.Cell]:
    """The cells as they were saved, or those of a return that nobody has touched."""
    return blank(asked) if found is None else kept(found)


def posted(asked: Asked, form: QueryDict, found: Return | None) -> dict[str, intake.Cell]:
    """The cells of a form; one that still holds what it was prefilled with is taken over from the ledger, and one that
    the form does not have stays as it was."""
    known, cells = known_of(asked), begun(asked, found)
    for name in asked.collection.variables:
        if f"value-{name}" not in form:
            continue
        given, unit = form.get(f"value-{name}", "").strip(), form.get(f"unit-{name}", "").strip()
        note = form.get(f"note-{name}", "").strip()
        now = known[name].now if name in known else None
        untouched = now is not None and given == now.shown and not unit and not note
        cells[name] = intake.Cell(given=given, unit=unit, note=note, prefilled=untouched)
    return cells


def returned(asked: Asked, cells: Cells, found: Return | None) -> intake.Return:
    """A return as the doors know it; a draft has not been handed in."""
    return intake.Return(
        collection=asked.collection.id,
        entity=asked.entity,
        period=asked.period.text,
        revision=1 if found is None else found.revision,
        cells=dict(cells),
        submitted=None if found is None else found.submitted_at,
        unlocked="" if found is None else found.unlocked,
    )


def returned_of(found: Return) -> intake.Return:
    """A return as it was saved and handed in."""
    return intake.Return(
        collection=found.collection,
        entity=found.entity,
        period=found.period,
        revision=found.revision,
        cells=kept(found),
        submitted=found.submitted_at,
        unlocked=found.unlocked,
    )
