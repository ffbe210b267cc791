"""docs/city-folder.md names every file and every field of a city folder, and none that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel
from tiny_city import FILES, tiny_city

from shazhou.city.check import check_files
from shazhou.city.collection import Accounts, Collection, Reporters, ReturnRule
from shazhou.city.folder import PLACE_COLUMNS, parse_city
from shazhou.city.model import (
    Evidence,
    Indicator,
    Industry,
    PresenceRule,
    ReleaseRule,
    RetentionRule,
    Source,
    Target,
    Variable,
)
from shazhou.city.reading import Root

GUIDE = (Path(__file__).parents[2] / "docs" / "city-folder.md").read_text(encoding="utf-8")


def named(section: str) -> set[str]:
    """The names in the first column of a section's table."""
    _, _, text = GUIDE.partition(f"\n## {section}\n")
    rows = re.findall(r"^\| (`[^|]*) \|", text.partition("\n## ")[0], re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


@pytest.mark.parametrize(
    ("section", "model"),
    [
        ("city.yaml", Root),
        ("industries.yaml", Industry),
        ("variables.yaml", Variable),
        ("indicators.yaml", Indicator),
        ("targets.yaml", Target),
        ("sources.yaml", Source),
        ("collections.yaml", Collection),
    ],
)
def test_every_field_and_no_other_is_in_the_table(section: str, model: type[BaseModel]) -> None:
    own = {"id", "key"} if section != "city.yaml" else set()
    assert named(section) == set(model.model_fields) - own


def test_every_column_of_places_is_in_the_table() -> None:
    assert named("places.csv") == set(PLACE_COLUMNS)


def test_the_fields_within_fields_are_told() -> None:
    models = (PresenceRule, RetentionRule, ReleaseRule, Evidence, Reporters, Accounts, ReturnRule)
    inner = {name for model in models for name in model.model_fields}
    assert all(re.search(rf"`[^`]*\b{name}\b[^`]*`", GUIDE) for name in inner)


def test_files_that_may_be_missing_may_be_missing() -> None:
    files = tiny_city()
    places = FILES["places.csv"].replace("outlines/tiny.geojson#320582", "")
    root = FILES["city.yaml"].partition("evidence:")[0]
    industries = FILES["industries.yaml"].replace('["31"]', "[]")
    files |= {"places.csv": places.encode(), "city.yaml": root.encode(), "industries.yaml": industries.encode()}
    for name in list(files):
        if name == "classification.csv" or name.startswith(("outlines/", "mappings/", "report/")):
            del files[name]
    assert check_files(files) == ()
    assert parse_city(files).evidence == ()


@pytest.mark.parametrize("name", [name for name in FILES if "/" not in name and name != "classification.csv"])
def test_the_other_files_may_not_be_missing(name: str) -> None:
    files = tiny_city()
    del files[name]
    assert "missing-file" in {problem.rule.id for problem in check_files(files)}
