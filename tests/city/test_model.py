"""The value objects of a city: defaults, full initialisation, immutability, equality."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from shazhou.city.model import (
    City,
    Definition,
    Evidence,
    Indicator,
    Industry,
    Place,
    PresenceRule,
    Rank,
    ReleaseRule,
    Source,
    Target,
    Text,
    Variable,
)

NAME = {"zh": "名", "en": "Name"}

SMALLEST: list[tuple[type[Definition], dict[str, Any]]] = [
    (Text, NAME),
    (Place, {"key": "p", "name": NAME, "kind": "town"}),
    (Industry, {"key": "i", "name": NAME}),
    (Variable, {"id": "v", "name": NAME, "measure": "flow"}),
    (Indicator, {"id": "i", "name": NAME, "formula": "value(v)", "unit": "cny", "decimals": 1}),
    (
        Target,
        {
            **{"id": "t", "name": NAME, "indicator": "i", "place": "p", "value": 1, "unit": "cny"},
            **{"direction": ">=", "period": "2021", "source": "s"},
        },
    ),
    (Source, {"id": "s", "title": "t", "rank": "r"}),
    (Rank, {"id": "r", "name": NAME}),
    (Evidence, {"file": "f.csv", "mapping": "m"}),
    (PresenceRule, {"days": 20}),
    (ReleaseRule, {"contributors": 3, "largest_share": "0.85"}),
]

FULLER: list[tuple[type[Definition], dict[str, Any]]] = [
    (
        Place,
        {"parent": "c", "code": "320582", "aliases": ["a"], "latitude": "31.8", "longitude": 120, "outline": "o#1"},
    ),
    (Industry, {"group": "emerging", "part_of": "j", "codes": ["31"], "stages": [NAME], "aliases": ["a"]}),
    (Variable, {"unit": "cny", "type": "integer", "of": ["enterprise"], "minimum": 0, "maximum": 9, "growth_of": "w"}),
    (Indicator, {"direction": "up", "price_basis": "nominal", "kind": "target", "section": "s", "door": "file"}),
    (Target, {"industry": "i", "deadline": "2025-12-31", "start": "2021", "headline": True, "undated": True}),
    (Source, {"publisher": "p", "date": "2021", "address": "https://example.org", "public": False}),
    (Evidence, {"source": "s"}),
]


@pytest.mark.parametrize(("kind", "fields"), SMALLEST, ids=lambda value: getattr(value, "__name__", ""))
def test_the_other_fields_have_defaults(kind: type[Definition], fields: dict[str, Any]) -> None:
    made = kind.model_validate(fields)
    for name, field in kind.model_fields.items():
        if name not in fields:
            assert getattr(made, name) == field.get_default(call_default_factory=True)


@pytest.mark.parametrize(("kind", "more"), FULLER, ids=lambda value: getattr(value, "__name__", ""))
def test_every_field_given_is_kept(kind: type[Definition], more: dict[str, Any]) -> None:
    fields = {**dict(SMALLEST)[kind], **more, "note": "n"} if kind is not Evidence else {**dict(SMALLEST)[kind], **more}
    made = kind.model_validate(fields)
    assert made.model_fields_set == set(fields)
    assert kind.model_validate(made.model_dump()) == made


@pytest.mark.parametrize(("kind", "fields"), SMALLEST, ids=lambda value: getattr(value, "__name__", ""))
def test_nothing_can_be_changed(kind: type[Definition], fields: dict[str, Any]) -> None:
    made = kind.model_validate(fields)
    with pytest.raises(ValidationError):
        setattr(made, next(iter(fields)), "other")


@pytest.mark.parametrize(("kind", "fields"), SMALLEST, ids=lambda value: getattr(value, "__name__", ""))
def test_equal_fields_make_equal_objects(kind: type[Definition], fields: dict[str, Any]) -> None:
    assert kind.model_validate(fields) == kind.model_validate(dict(reversed(fields.items())))


@pytest.mark.parametrize(("kind", "fields"), SMALLEST, ids=lambda value: getattr(value, "__name__", ""))
def test_an_unknown_field_is_refused(kind: type[Definition], fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="extra_forbidden"):
        kind.model_validate({**fields, "colour": "red"})


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (Text, {"zh": " "}),
        (Place, {"key": "a b"}),
        (Place, {"latitude": 91}),
        (Variable, {"id": "2nd"}),
        (Variable, {"of": ["planet"]}),
        (Indicator, {"decimals": 10}),
        (Target, {"direction": "about"}),
        (PresenceRule, {"days": 32}),
        (PresenceRule, {"level": 5}),
        (PresenceRule, {"share": "1.01"}),
        (PresenceRule, {"hours": ["from nine to five"]}),
        (PresenceRule, {"hours": ["closed 2026-10-01"]}),
        (ReleaseRule, {"largest_share": "1.01"}),
    ],
)
def test_a_value_outside_its_range_is_refused(kind: type[Definition], wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        kind.model_validate({**dict(SMALLEST)[kind], **wrong})


def test_a_text_is_read_in_either_language() -> None:
    text = Text(zh="名", en="Name")
    assert (text.of("zh"), text.of("en")) == ("名", "Name")


def test_descendants_are_a_place_and_all_below_it() -> None:
    parents = {"c": "", "a": "c", "b": "c", "a1": "a", "x": ""}
    places = {
        key: Place(key=key, name=Text(zh=key, en=key), kind="town", parent=parent) for key, parent in parents.items()
    }
    city = City.model_construct(places=places)
    assert city.descendants("c") == {"c", "a", "b", "a1"}
    assert city.descendants("a1") == {"a1"}
    assert places["a1"].entity == "place:a1"
